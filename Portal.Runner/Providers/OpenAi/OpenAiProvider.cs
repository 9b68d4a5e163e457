using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>OpenAI's chat completions, and every server that speaks them: <c>extraConfig.baseURL</c> or <c>OPENAI_BASE_URL</c> says where.</summary>
internal sealed class OpenAiProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private const string OfficialUrl = "https://api.openai.com/v1";
    private readonly ProviderConnection _connection = new(client, timeProvider);

    public string Name => "openai";

    public string? BaseUrlVariable => "OPENAI_BASE_URL";

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _connection.PostAsync(this, request, OfficialUrl, "/chat/completions", OpenAiRequest.Build(request),
            (message, _) => message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ProviderConnection.HeaderSafe(request)), cancellationToken);
        await foreach (var chunk in ChatCompletions.ReadAsync(request, answer, cancellationToken))
        {
            yield return chunk;
        }
    }
}
