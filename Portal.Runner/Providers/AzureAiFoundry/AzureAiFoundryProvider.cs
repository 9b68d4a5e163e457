using System.Runtime.CompilerServices;
using Portal.Runner.Providers.Http;
using Portal.Runner.Providers.OpenAi;

namespace Portal.Runner.Providers.AzureAiFoundry;

/// <summary>Models deployed in Azure: OpenAI's chat completions at the endpoint of one's own resource. The model's name is the deployment's.</summary>
internal sealed class AzureAiFoundryProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private readonly ProviderConnection _connection = new(client, timeProvider);

    public string Name => "azureaifoundry";

    public string? BaseUrlVariable => "AZURE_OPENAI_ENDPOINT";

    public string BaseUrlSetting => "endpoint";

    public bool NeedsBaseUrl => true;

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var endpoint = AzureEndpoint.Of(request);
        using var answer = await _connection.PostAsync(this, request, officialUrl: null, endpoint.Path, OpenAiRequest.Build(request, Name, endpoint.OfOpenAi),
            (message, _) => message.Headers.Add("api-key", ProviderConnection.HeaderSafe(request)), cancellationToken);
        await foreach (var chunk in ChatCompletions.ReadAsync(request, answer, cancellationToken))
        {
            yield return chunk;
        }
    }
}
