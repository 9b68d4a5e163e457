using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;

namespace Portal.Dotprompt.Rendering;

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
