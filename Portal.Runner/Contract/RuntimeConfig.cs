namespace Portal.Runner.Contract;

/// <summary><c>config.json</c>: which model answers, and how its provider is reached. Empty members are omitted.</summary>
public sealed record RuntimeConfig
{
    public RuntimeModel? DefaultModel { get; init; }
    public RuntimePlugin? Plugin { get; init; }

    /// <summary>Directory with one file a credential; null means the process environment.</summary>
    public string? CredentialsDir { get; init; }

    /// <summary>Names of the credentials to read; empty means the provider's defaults.</summary>
    public IReadOnlyList<string>? CredentialKeys { get; init; }

    /// <summary>Name of the Flow; its first prompt answers at <c>/&lt;name&gt;</c>.</summary>
    public string? FlowName { get; init; }

    /// <summary>Prompt that answers at <c>/&lt;FlowName&gt;</c>; the first of the Flow.</summary>
    public string? Entrypoint { get; init; }
}

public sealed record RuntimeModel
{
    public required string Provider { get; init; }
    public required string Model { get; init; }
    public JsonNode? Info { get; init; }

    /// <summary>The Model's defaultConfig: Genkit's common names (temperature, maxOutputTokens, …) and provider-native ones.</summary>
    public JsonObject? Config { get; init; }
}

public sealed record RuntimePlugin
{
    public required string Type { get; init; }
    public string? Region { get; init; }
    public JsonObject? ExtraConfig { get; init; }
}
