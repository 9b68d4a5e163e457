using Portal.Dotprompt.Messages;

namespace Portal.Dotprompt.Rendering;

/// <summary>What a prompt may refer to while it renders. The functions are called on the rendering thread, by many threads at once. What changes is given as a new object.</summary>
public sealed record RenderEnvironment
{
    /// <summary>Source of a partial by name, or null when there is none.</summary>
    public Func<string, string?> Partial { get; init; } = static _ => null;

    /// <summary>JSON Schema by name, or null.</summary>
    public Func<string, JsonObject?> Schema { get; init; } = static _ => null;

    /// <summary>Tool definition by name, or null.</summary>
    public Func<string, JsonObject?> Tool { get; init; } = static _ => null;

    /// <summary>Default config of a model by name, or null; the frontmatter's config wins key by key.</summary>
    public Func<string, JsonObject?> ModelConfig { get; init; } = static _ => null;

    /// <summary>Exactly the reference's behaviour, harms included (marker injection, frontmatter defaults ignored): for differential tests.</summary>
    public bool StrictCompatibility { get; init; }
}

/// <summary>Values for one rendering.</summary>
public sealed record RenderData
{
    public JsonObject Input { get; init; } = [];

    /// <summary>Defaults given with the call; they win over <c>input.default</c> of the frontmatter, and <see cref="Input"/> wins over both.</summary>
    public JsonObject InputDefaults { get; init; } = [];

    /// <summary>Conversation so far, for <c>{{history}}</c>.</summary>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    public JsonArray Docs { get; init; } = [];

    /// <summary>Becomes <c>@key</c> in the template.</summary>
    public JsonObject Context { get; init; } = [];
}
