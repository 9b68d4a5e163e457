namespace Portal.Dotprompt.Messages;

/// <summary>A piece of a message: exactly one of the kinds below, each with optional metadata.</summary>
public abstract record Part
{
    public JsonObject? Metadata { get; init; }
}

public sealed record TextPart(string Text) : Part;

/// <param name="Url">An https: or data: URL.</param>
/// <param name="ContentType">MIME type, or null.</param>
public sealed record MediaPart(string Url, string? ContentType) : Part;

/// <param name="Name">Tool name.</param>
/// <param name="Ref">The model's id of this request, or null.</param>
/// <param name="Input">Arguments, or null.</param>
public sealed record ToolRequestPart(string Name, string? Ref, JsonNode? Input) : Part;

public sealed record ToolResponsePart(string Name, string? Ref, JsonNode? Output) : Part;

public sealed record ReasoningPart(string Text) : Part;

public sealed record DataPart(JsonNode? Data) : Part;

public sealed record CustomPart(JsonObject Custom) : Part;

/// <summary>Made by <c>{{section}}</c>: a place for content that is filled in later; its metadata says <c>purpose</c> and <c>pending</c>.</summary>
public sealed record PendingPart : Part;
