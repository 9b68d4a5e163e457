using System.Runtime.CompilerServices;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.GoogleAi;

/// <summary>The Gemini API of Google AI Studio. The key goes into a header, never into the address.</summary>
internal sealed class GoogleAiProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private const string OfficialUrl = "https://generativelanguage.googleapis.com";
    private readonly ProviderConnection _connection = new(client, timeProvider);

    public string Name => "googleai";

    public string? BaseUrlVariable => "GOOGLE_GEMINI_BASE_URL";

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _connection.PostAsync(this, request, OfficialUrl, GoogleAiRequest.PathOf(request), GoogleAiRequest.Build(request, Name),
            (message, _) => message.Headers.Add("x-goog-api-key", ProviderConnection.HeaderSafe(request)), cancellationToken);
        await foreach (var chunk in GeneratedContent.ReadAsync(request, answer, cancellationToken))
        {
            yield return chunk;
        }
    }
}
