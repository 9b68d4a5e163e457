using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;

namespace Portal.Dotprompt.Rendering;

/// <summary>What a prompt may refer to while it renders.</summary>
public sealed record RenderEnvironment
{
    /// <summary>Source of a partial by name, or null when there is none.</summary>
    public Func<string, string?> Partial { get; init; } = static _ => null;

    /// <summary>JSON Schema by name, or null.</summary>
    public Func<string, JsonObject?> Schema { get; init; } = static _ => null;

    /// <summary>Tool definition by name, or null.</summary>
    public Func<string, JsonObject?> Tool { get; init; } = static _ => null;

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

/// <summary>A rendered prompt: metadata with schemas as JSON Schema, and the messages the model would receive.</summary>
public sealed record RenderedPrompt(PromptMetadata Metadata, IReadOnlyList<Message> Messages)
{
    /// <summary>Input schema as JSON Schema, or null.</summary>
    public JsonObject? InputSchema { get; init; }

    /// <summary>Output schema as JSON Schema, or null.</summary>
    public JsonObject? OutputSchema { get; init; }

    /// <summary><c>json</c>, <c>text</c>, … or null.</summary>
    public string? OutputFormat { get; init; }
}

/// <summary>The document cannot be rendered; the message is fit for the author.</summary>
public sealed class PromptRenderException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Where, when known.</summary>
    public Diagnostics.TextRange? Range { get; init; }
}

/// <summary>Renders documents. One renderer may be used by many threads and caches compiled templates.</summary>
public sealed class PromptRenderer(RenderEnvironment environment)
{
    public RenderEnvironment Environment { get; } = environment;

    /// <exception cref="PromptRenderException">The frontmatter or the template is broken, or a partial, schema or helper is missing.</exception>
    public RenderedPrompt Render(DotpromptDocument document, RenderData data) => throw new NotImplementedException();

    /// <summary>Metadata and schemas only; no input needed.</summary>
    /// <exception cref="PromptRenderException">The frontmatter or a schema is broken.</exception>
    public RenderedPrompt RenderMetadata(DotpromptDocument document) => throw new NotImplementedException();
}
