using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Portal.Runner.Providers.GoogleAi;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.VertexAi;

/// <summary>
/// Gemini on Vertex AI. The credential is a JSON key or the path of one (service account, or a user's), or an access token; without
/// one, the token of the machine's own service account.
/// </summary>
internal sealed class VertexAiProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private readonly ProviderConnection _connection = new(client, timeProvider);
    private readonly GoogleTokens _tokens = new(client, timeProvider);

    public string Name => "vertexai";

    public IReadOnlyList<(string Name, string Example)> UsualSettings { get; } = [("projectId", "your-project"), ("location", "us-central1")];

    public string? BaseUrlVariable => "GOOGLE_VERTEX_BASE_URL";

    public IReadOnlyList<string> SettingVariables => VertexAddress.Variables;

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var credential = GoogleCredential.Of(request);
        var address = VertexAddress.Of(request, credential);
        var body = GoogleAiRequest.Build(request, Name);
        var authorized = request with { ApiKey = await _tokens.GetAsync(credential, cancellationToken) };
        using var answer = await _connection.PostAsync(this, authorized, address.Host, address.Path, body,
            (message, _) => message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ProviderConnection.HeaderSafe(authorized)), cancellationToken);
        await foreach (var chunk in GeneratedContent.ReadAsync(request, answer, cancellationToken))
        {
            yield return chunk;
        }
    }
}
