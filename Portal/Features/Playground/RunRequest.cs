namespace Portal.Features.Playground;

/// <summary>A prompt to run as it stands in the editor.</summary>
public sealed record RunRequest
{
    public required string Namespace { get; init; }
    public required string Prompt { get; init; }

    /// <summary>The document, published or not.</summary>
    public required string Content { get; init; }

    public JsonObject Input { get; init; } = [];

    /// <summary>Small pictures of media in the input, by hash, for the history.</summary>
    public IReadOnlyDictionary<string, string> Previews { get; init; } = new Dictionary<string, string>();

    /// <summary>Name of a Model object for prompts that name no model.</summary>
    public string? Model { get; init; }

    /// <summary>Whether the provider is asked to stream.</summary>
    public bool Stream { get; init; } = true;
}
