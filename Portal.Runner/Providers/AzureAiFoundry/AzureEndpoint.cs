using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.AzureAiFoundry;

/// <summary>
/// Where chat completions are below an endpoint, of which Azure has three kinds: a resource (<c>https://NAME.openai.azure.com</c>, a path a deployment),
/// its <c>/openai/v1</c> (no path a deployment, no version needed), and Foundry's <c>/models</c> for models of all vendors.
/// </summary>
/// <param name="Path">Path and query.</param>
/// <param name="OfOpenAi">Whether it serves OpenAI's models, with their newer names.</param>
internal sealed record AzureEndpoint(string Path, bool OfOpenAi)
{
    // The newest stable versions.
    private const string ResourceVersion = "2024-10-21";
    private const string ModelsVersion = "2024-05-01-preview";

    /// <exception cref="Engine.GenkitException">The model or the API version cannot be part of an address.</exception>
    public static AzureEndpoint Of(ModelRequest request)
    {
        var endpoint = request.BaseUrl?.Trim().TrimEnd('/') ?? "";
        var version = VersionOf(request);
        if (endpoint.EndsWith("/openai/v1", StringComparison.OrdinalIgnoreCase))
        {
            return new AzureEndpoint("/chat/completions" + (version is null ? "" : Query(version)), OfOpenAi: true);
        }

        if (endpoint.EndsWith("/models", StringComparison.OrdinalIgnoreCase))
        {
            return new AzureEndpoint("/chat/completions" + Query(version ?? ModelsVersion), OfOpenAi: false);
        }

        var root = endpoint.EndsWith("/openai", StringComparison.OrdinalIgnoreCase) ? "" : "/openai";
        return new AzureEndpoint($"{root}/deployments/{UrlPath.Segment(request.Model)}/chat/completions{Query(version ?? ResourceVersion)}", OfOpenAi: true);
    }

    private static string Query(string version) => $"?api-version={Uri.EscapeDataString(version)}";

    private static string? VersionOf(ModelRequest request)
    {
        var configured = request.Plugin?.ExtraConfig?["apiVersion"];
        return configured is null ? null
            : configured.Text() is { Length: > 0 } version ? version.Trim()
            : throw ProviderFailures.Config("extraConfig.apiVersion of the plugin must be a string, such as \"2024-10-21\".");
    }
}
