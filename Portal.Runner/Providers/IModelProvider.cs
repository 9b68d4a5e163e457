using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;

namespace Portal.Runner.Providers;

/// <summary>Speaks one vendor's wire protocol.</summary>
public interface IModelProvider
{
    /// <summary>The plugin type it serves, lower case: <c>openai</c>.</summary>
    string Name { get; }

    /// <summary>Credential keys tried in order when the plugin names none; empty when none is needed.</summary>
    IReadOnlyList<string> DefaultCredentialKeys => ProviderCredentials.Of(Name)?.Keys ?? [];

    /// <summary>Whether a call can do without these keys, because the machine may give it a credential.</summary>
    bool CredentialIsOptional => ProviderCredentials.Of(Name) is { Alternatives.Count: 0 };

    /// <summary>Keys a Secret usually holds for it: the first one, unless it takes several together.</summary>
    IReadOnlyList<string> UsualCredentialKeys => ProviderCredentials.Of(Name)?.Alternatives is [var usual, ..] ? usual : [.. DefaultCredentialKeys.Take(1)];

    /// <summary>Settings a plugin's <c>extraConfig</c> usually needs, each with an example.</summary>
    IReadOnlyList<(string Name, string Example)> UsualSettings => NeedsBaseUrl ? [(BaseUrlSetting, "https://your-server.example")] : [];

    /// <summary>Variables besides the address that hold no secret, such as a region.</summary>
    IReadOnlyList<string> SettingVariables => [];

    /// <summary>Environment variable or credential key that overrides the address; null when there is none.</summary>
    string? BaseUrlVariable => null;

    /// <summary>Key of the plugin's <c>extraConfig</c> that says where the API is; <c>baseURL</c> works for every provider.</summary>
    string BaseUrlSetting => "baseURL";

    /// <summary>Whether the vendor has no address of its own, so that one must be configured.</summary>
    bool NeedsBaseUrl => false;

    /// <summary>Asks the model; always streams. The last chunk carries finish reason and usage.</summary>
    IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, CancellationToken cancellationToken);
}

/// <summary>A request with config already merged and credentials resolved.</summary>
public sealed record ModelRequest
{
    public required string Model { get; init; }
    public required IReadOnlyList<Message> Messages { get; init; }

    /// <summary>Merged config: Genkit's common names and provider-native ones.</summary>
    public required JsonObject Config { get; init; }

    public RuntimePlugin? Plugin { get; init; }
    public required string? ApiKey { get; init; }

    /// <summary>Name of the credential that <see cref="ApiKey"/> came from, for error messages.</summary>
    public string? CredentialKey { get; init; }

    /// <summary>Where further credentials are, for providers that need more than one; null when nothing more is known.</summary>
    public ICredentials? Credentials { get; init; }

    /// <summary>Address of the provider's API when it is not the vendor's own.</summary>
    public string? BaseUrl { get; init; }

    /// <summary><c>json</c> asks for JSON; <see cref="OutputSchema"/> may constrain it.</summary>
    public string? OutputFormat { get; init; }
    public JsonObject? OutputSchema { get; init; }

    /// <summary>Tools the model may ask for; it answers with <see cref="ToolRequestPart"/>s, each with its whole input.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    /// <summary><c>auto</c>, <c>required</c> or <c>none</c>; null leaves it to the provider.</summary>
    public string? ToolChoice { get; init; }

    /// <summary>Whether the caller wants deltas; when false the provider may use its non-streaming endpoint.</summary>
    public bool Stream { get; init; } = true;

    /// <summary>Without the credential, and without content.</summary>
    public override string ToString() => $"request to {Model}";
}

/// <summary>What the model is told about a tool.</summary>
/// <param name="Name">At most 64 letters, digits, '_' and '-': what every vendor accepts.</param>
/// <param name="InputSchema">JSON Schema of an object; null when the tool takes no input.</param>
public sealed record ToolDefinition(string Name, string Description, JsonObject? InputSchema);

public sealed record ModelChunk
{
    public IReadOnlyList<Part> Content { get; init; } = [];
    public string? FinishReason { get; init; }
    public TokenUsage? Usage { get; init; }
}
