namespace Portal.Dotprompt.Templates;

/// <summary>The contexts around a place, innermost first: what <c>..</c> climbs.</summary>
/// <param name="Value">What <c>this</c> is.</param>
internal sealed record ContextLink(object? Value, ContextLink? Outer)
{
    /// <summary>What opened the level, and what <c>..</c> from further inside finds: an equal context after it opens none.</summary>
    public object? Opening { get; init; } = Value;
}

/// <summary>Block parameters in reach.</summary>
internal sealed record ParameterLink(string[] Names, object?[] Values, ParameterLink? Outer);

/// <summary>Inline partials in reach, with the scope they were defined in.</summary>
internal sealed record InlineLink(string Name, Body Body, Scope Definition, InlineLink? Outer);

/// <summary>The content of a <c>{{#&gt;name}}</c> block, for <c>{{&gt; @partial-block}}</c>.</summary>
internal sealed record PartialBlock(Body Body, Scope Origin);

/// <summary>The variables that <c>@name</c> reads. An inner frame sees the outer ones; <c>@../</c> climbs one frame.</summary>
internal abstract class DataFrame(DataFrame? outer)
{
    public DataFrame? Outer { get; } = outer;

    public object? Get(string name)
    {
        for (var frame = this; frame is not null; frame = frame.Outer)
        {
            if (frame.TryGet(name, out var value))
            {
                return value;
            }
        }

        return JsValue.Undefined;
    }

    protected abstract bool TryGet(string name, out object? value);
}

/// <summary>The outermost variables: what the caller gives, then <c>@root</c> and <c>@metadata</c>, which is made when it is read.</summary>
internal sealed class RootFrame(object input, JsonObject given, Func<object?> metadata) : DataFrame(null)
{
    protected override bool TryGet(string name, out object? value)
    {
        if (given.Count > 0 && given.TryGetPropertyValue(name, out var node))
        {
            value = JsValue.From(node);
            return true;
        }

        value = name switch
        {
            "root" => input,
            "metadata" => metadata(),
            _ => JsValue.Undefined,
        };
        return name is "root" or "metadata";
    }
}

/// <summary>The variables of <c>each</c>, of one item after the other.</summary>
internal sealed class LoopFrame(DataFrame outer, int count) : DataFrame(outer)
{
    private object? _key;
    private int _index;

    public void MoveTo(object? key, int index) => (_key, _index) = (key, index);

    protected override bool TryGet(string name, out object? value)
    {
        (var isKnown, value) = name switch
        {
            "key" => (true, _key),
            "index" => (true, JsValue.Box(_index)),
            "first" => (true, JsValue.Box(_index == 0)),
            "last" => (true, JsValue.Box(_index == count - 1)),
            _ => (false, null),
        };
        return isKnown;
    }
}

/// <summary>What <c>{{&gt; @partial-block}}</c> stands for.</summary>
internal sealed class PartialBlockFrame(DataFrame outer, object? block) : DataFrame(outer)
{
    protected override bool TryGet(string name, out object? value)
    {
        value = block;
        return name == "partial-block";
    }
}

/// <summary>Everything a tag can refer to at its place.</summary>
internal sealed record Scope
{
    public required ContextLink Contexts { get; set; }
    public required DataFrame Data { get; init; }
    public ParameterLink? Parameters { get; set; }
    public InlineLink? Inlines { get; init; }

    /// <summary>The partial that is being rendered; null in the prompt itself.</summary>
    public string? Partial { get; init; }

    public object? Context => Contexts.Value;

    /// <summary>A new context adds a level only when it is another one: <c>if</c> does not.</summary>
    public ContextLink With(object? context)
    {
        if (ReferenceEquals(context, Context))
        {
            return Contexts;
        }

        var opening = Contexts.Opening;
        return JsValue.IsSameContext(context, opening) || (opening is null && ReferenceEquals(context, TemplateEvaluator.NullContext))
            ? Contexts with { Value = context }
            : new ContextLink(context, Contexts);
    }
}
