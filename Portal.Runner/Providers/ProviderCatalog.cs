using System.Diagnostics.CodeAnalysis;
using Portal.Runner.Providers.Anthropic;
using Portal.Runner.Providers.AzureAiFoundry;
using Portal.Runner.Providers.Bedrock;
using Portal.Runner.Providers.Demo;
using Portal.Runner.Providers.GoogleAi;
using Portal.Runner.Providers.Ollama;
using Portal.Runner.Providers.OpenAi;
using Portal.Runner.Providers.VertexAi;

namespace Portal.Runner.Providers;

/// <summary>The providers there are: one line each.</summary>
public sealed class ProviderCatalog(IEnumerable<IModelProvider> providers)
{
    private readonly Dictionary<string, IModelProvider> _providers = providers.ToDictionary(provider => provider.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<string> Names => [.. _providers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Variables that hold addresses and other settings, and no secret.</summary>
    internal IReadOnlyCollection<string> SettingVariables =>
        [.. _providers.Values.SelectMany(static provider => provider.SettingVariables.Append(provider.BaseUrlVariable)).OfType<string>()];

    public bool TryGet(string type, [NotNullWhen(true)] out IModelProvider? provider) => _providers.TryGetValue(type, out provider);

    /// <summary>All providers of this build, sending through <paramref name="client"/>; see <see cref="CreateHttpClient"/>.</summary>
    public static ProviderCatalog Create(HttpClient client, TimeProvider timeProvider) => new(
    [
        new AnthropicProvider(client, timeProvider),
        new AzureAiFoundryProvider(client, timeProvider),
        new BedrockProvider(client, timeProvider),
        new DemoProvider(timeProvider),
        new GoogleAiProvider(client, timeProvider),
        new OllamaProvider(client, timeProvider),
        new OpenAiProvider(client, timeProvider),
        new VertexAiProvider(client, timeProvider),
    ]);

    /// <summary>
    /// A client fit for providers: no overall time limit (a stream may be long; providers end idle ones themselves), no redirects
    /// (they would carry the key to another host), and connections renewed so that DNS changes are seen.
    /// </summary>
    public static HttpClient CreateHttpClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        EnableMultipleHttp2Connections = true,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
