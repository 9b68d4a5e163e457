namespace Portal.Dotprompt.Templates;

/// <summary>The contexts around a place, innermost first: what <c>..</c> climbs.</summary>
internal sealed record ContextLink(object? Value, ContextLink? Outer);

/// <summary>Block parameters in reach.</summary>
internal sealed record ParameterLink(IReadOnlyList<string> Names, object?[] Values, ParameterLink? Outer);

/// <summary>Inline partials in reach, with the scope they were defined in.</summary>
internal sealed record InlineLink(string Name, Body Body, Scope Definition, InlineLink? Outer);

/// <summary>The content of a <c>{{#&gt;name}}</c> block, for <c>{{&gt; @partial-block}}</c>.</summary>
internal sealed record PartialBlock(Body Body, Scope Origin);

/// <summary>The variables that <c>@name</c> reads. An inner frame sees the outer ones; <c>@../</c> climbs one frame.</summary>
internal sealed class DataFrame(DataFrame? outer)
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    public DataFrame? Outer { get; } = outer;

    /// <summary>A value, or a <see cref="Func{TResult}"/> that makes it when it is read.</summary>
    public object? this[string name]
    {
        set => _values[name] = value;
    }

    public object? Get(string name)
    {
        for (var frame = this; frame is not null; frame = frame.Outer)
        {
            if (frame._values.TryGetValue(name, out var value))
            {
                return value is Func<object?> make ? make() : value;
            }
        }

        return JsValue.Undefined;
    }
}

/// <summary>Everything a tag can refer to at its place.</summary>
internal sealed record Scope
{
    public required ContextLink Contexts { get; init; }
    public required DataFrame Data { get; init; }
    public ParameterLink? Parameters { get; init; }
    public InlineLink? Inlines { get; init; }

    /// <summary>The partial that is being rendered; null in the prompt itself.</summary>
    public string? Partial { get; init; }

    public object? Context => Contexts.Value;

    /// <summary>A new context adds a level only when it is another one: <c>if</c> does not.</summary>
    public ContextLink With(object? context) => JsValue.StrictEquals(context, Context) || (Context is null && ReferenceEquals(context, TemplateEvaluator.NullContext))
        ? Contexts with { Value = context }
        : new ContextLink(context, Contexts);
}
