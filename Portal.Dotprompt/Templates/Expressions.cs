namespace Portal.Dotprompt.Templates;

/// <summary>A value in a tag. Offsets are relative to the template.</summary>
internal abstract class Expression
{
    public required int Start { get; init; }
    public required int End { get; init; }
}

/// <summary>A path such as <c>a.b</c>, <c>../x</c>, <c>@root.y</c>.</summary>
internal sealed class PathExpression : Expression
{
    /// <summary>Begins with <c>@</c>.</summary>
    public required bool IsData { get; init; }

    /// <summary>Number of <c>..</c>.</summary>
    public required int Depth { get; init; }

    /// <summary>Begins with <c>.</c>, <c>..</c> or <c>this</c>, so it never names a helper or a block parameter.</summary>
    public required bool IsScoped { get; init; }

    public required string[] Parts { get; init; }

    /// <summary>Where each part stands.</summary>
    public required IReadOnlyList<(int Start, int End)> PartRanges { get; init; }

    /// <summary>As written, brackets removed: what a partial or a closing tag is compared by.</summary>
    public required string Original { get; init; }

    public bool IsSimple => Parts.Length == 1 && !IsScoped && Depth == 0;
}

/// <summary>A constant: string, double, bool, null or <see cref="JsValue.Undefined"/>.</summary>
internal sealed class LiteralExpression : Expression
{
    public required object? Value { get; init; }

    /// <summary>The name looked up when a constant stands where a path is expected.</summary>
    public required string Original { get; init; }
}

internal sealed class SubExpression : Expression
{
    public required Call Call { get; init; }
}

/// <summary>What a tag says between its braces: a name with parameters and named arguments.</summary>
internal sealed class Call
{
    public required Expression Target { get; init; }
    public Expression[] Parameters { get; init; } = [];
    public HashArgument[] Hash { get; init; } = [];

    /// <summary>Set by <see cref="TemplateChecker"/>: the helper to call, or null when <see cref="Target"/> is a value.</summary>
    public Helper? Helper { get; set; }

    public bool HasArguments => Parameters.Length > 0 || Hash.Length > 0;

    /// <summary>The name as written.</summary>
    public string Name => Target switch
    {
        PathExpression path => path.Original,
        LiteralExpression literal => literal.Original,
        _ => "",
    };

    /// <summary>The name that could be a helper's.</summary>
    public string HelperName => Target switch
    {
        PathExpression { Parts: [var first, ..] } => first,
        LiteralExpression literal => literal.Original,
        _ => Name,
    };

    public bool IsSimple => Target is LiteralExpression or PathExpression { IsSimple: true };

    public Expression? Named(string name) => Array.Find(Hash, argument => argument.Name == name)?.Value;
}

internal sealed record HashArgument(string Name, int Start, Expression Value);
