namespace Portal.Dotprompt.Templates;

/// <summary>Which sides of a tag carry <c>~</c>.</summary>
internal readonly record struct Strip(bool Open, bool Close);

/// <summary>A piece of a template. Offsets are relative to the template.</summary>
internal abstract class Statement
{
    public required int Start { get; init; }
    public required int End { get; init; }
}

internal sealed class ContentStatement : Statement
{
    public required string Original { get; init; }

    /// <summary>What is written: <see cref="Original"/> less the white space that tags take away.</summary>
    public required string Value { get; set; }

    public bool LeftStripped { get; set; }
    public bool RightStripped { get; set; }
}

internal sealed class CommentStatement : Statement
{
    public required Strip Strip { get; init; }
}

internal sealed class MustacheStatement : Statement
{
    public required Call Call { get; init; }
    public required Strip Strip { get; init; }
}

internal sealed class PartialStatement : Statement
{
    public required Call Call { get; init; }
    public required Strip Strip { get; init; }

    /// <summary>White space before a partial that has a line of its own; put before each of its lines.</summary>
    public string Indent { get; set; } = "";
}

internal enum BlockKind
{
    Block,

    /// <summary><c>{{#&gt;name}}</c></summary>
    Partial,

    /// <summary><c>{{#*inline "name"}}</c></summary>
    Inline,
    Raw,
}

internal sealed class BlockStatement : Statement
{
    public required BlockKind Kind { get; init; }
    public required Call Call { get; init; }

    /// <summary>End of the opening tag.</summary>
    public required int OpenEnd { get; init; }
    public Body? Program { get; init; }
    public Body? Inverse { get; init; }
    public Strip OpenStrip { get; init; }
    public Strip InverseStrip { get; init; }
    public Strip CloseStrip { get; set; }
}

/// <summary>Statements in order: a template, or one arm of a block.</summary>
internal sealed class Body
{
    public required Statement[] Statements { get; init; }
    public string[] Parameters { get; init; } = [];

    /// <summary>It is an <c>{{else if}}</c>: its one statement is that block.</summary>
    public bool IsChained { get; init; }

    /// <summary>The partials that <c>{{#*inline}}</c> blocks in it define.</summary>
    public BlockStatement[] Inlines { get; init; } = [];
}
