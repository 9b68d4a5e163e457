using System.Net.Http.Headers;
using Portal.Runner.Contract;

namespace Portal.Tests.Runner.Providers;

/// <summary>How one provider is reached at the mock.</summary>
internal sealed record AimockProvider(string Name, string Path)
{
    /// <summary>Name of its credential; null when it takes none.</summary>
    public string? KeyName { get; init; }

    /// <summary>Key of extraConfig that holds its address.</summary>
    public string AddressSetting { get; init; } = "baseURL";

    /// <summary>What else the plugin must say.</summary>
    public JsonObject ExtraConfig { get; init; } = [];

    /// <summary>What the mock counts for "say hello".</summary>
    public TokenUsage Usage { get; init; } = new() { InputTokens = 12, OutputTokens = 7 };

    public static IReadOnlyList<AimockProvider> All { get; } =
    [
        new("anthropic", "") { KeyName = "ANTHROPIC_API_KEY" },
        new("azureaifoundry", "") { KeyName = "AZURE_OPENAI_API_KEY", AddressSetting = "endpoint" },
        new("bedrock", "") { KeyName = "AWS_BEARER_TOKEN_BEDROCK", ExtraConfig = new JsonObject { ["region"] = "eu-central-1" } },
        new("googleai", "") { KeyName = "GEMINI_API_KEY" },
        new("ollama", "") { AddressSetting = "serverAddress", Usage = new TokenUsage { InputTokens = 0, OutputTokens = 0 } },
        new("openai", "/v1") { KeyName = "OPENAI_API_KEY" },
        new("vertexai", "") { KeyName = "GOOGLE_OAUTH_ACCESS_TOKEN", ExtraConfig = new JsonObject { ["projectId"] = "some-project", ["location"] = "europe-west4" } },
    ];

    public static AimockProvider Find(string name) => All.Single(provider => provider.Name == name);

    /// <summary>The mock lets nobody in without its key. For a provider that sends none, the client does what a gateway in front of the server would.</summary>
    public void Authorize(HttpClient client, string key)
    {
        if (KeyName is null && key == AimockFixture.GoodKey)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }
}
