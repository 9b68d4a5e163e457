namespace Portal.Dotprompt.Documents;

/// <summary>What the frontmatter says, in the shape of the Dotprompt specification. Values are as written; schemas are still Picoschema here.</summary>
public sealed record PromptMetadata
{
    public string? Name { get; init; }
    public string? Variant { get; init; }
    public string? Version { get; init; }
    public string? Description { get; init; }
    public string? Model { get; init; }
    public JsonObject Config { get; init; } = [];
    public JsonObject? Input { get; init; }
    public JsonObject? Output { get; init; }
    public IReadOnlyList<string> Tools { get; init; } = [];
    public JsonArray ToolDefs { get; init; } = [];
    public JsonObject Ext { get; init; } = [];

    /// <summary>The parsed YAML, whole; null when the document has no frontmatter.</summary>
    public JsonObject? Raw { get; init; }

    /// <summary>Defaults of <c>input.default</c>; empty when absent.</summary>
    public JsonObject InputDefaults => Input?["default"] as JsonObject ?? [];
}
