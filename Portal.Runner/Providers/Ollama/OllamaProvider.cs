using System.Runtime.CompilerServices;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Ollama;

/// <summary>Ollama's chat API: a server of one's own, whose address <c>extraConfig.serverAddress</c> must say. No credential is sent.</summary>
internal sealed class OllamaProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private readonly ProviderConnection _connection = new(client, timeProvider);

    public string Name => "ollama";

    public IReadOnlyList<string> DefaultCredentialKeys => [];

    public string BaseUrlSetting => "serverAddress";

    public bool NeedsBaseUrl => true;

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _connection.PostAsync(this, request, officialUrl: null, "/api/chat", OllamaRequest.Build(request),
            headers => headers.Accept.ParseAdd(request.Stream ? "application/x-ndjson" : "application/json"), cancellationToken);
        if (!answer.IsLineStream)
        {
            var body = await answer.ReadJsonAsync(cancellationToken);
            yield return body.Member("message") is JsonObject ? LastOf(body) : throw answer.Failures.Garbage("a chat answer");
            yield break;
        }

        await foreach (var line in answer.ReadLinesAsync(cancellationToken))
        {
            if (line.Member("error") is { } error)
            {
                throw answer.Failures.InStream(error);
            }

            if (line.Member("done")?.GetValueKind() == JsonValueKind.True)
            {
                yield return LastOf(line);
                yield break;
            }

            if (line.Member("message") is not JsonObject message)
            {
                throw answer.Failures.Garbage("a chat stream");
            }

            if (PartsOf(message) is { Count: > 0 } content)
            {
                yield return new ModelChunk { Content = content };
            }
        }

        throw answer.Failures.CutOff(inner: null);
    }

    private static ModelChunk LastOf(JsonNode? body) => new()
    {
        Content = PartsOf(body.Member("message")),
        FinishReason = body.Member("done_reason").Text() switch
        {
            null => "unknown",
            "stop" => "stop",
            "length" => "length",
            _ => "other",
        },
        Usage = new TokenUsage { InputTokens = body.Member("prompt_eval_count").Count(), OutputTokens = body.Member("eval_count").Count() },
    };

    private static List<Part> PartsOf(JsonNode? message)
    {
        List<Part> parts = [];
        if (message.Member("thinking").Text() is { Length: > 0 } thinking)
        {
            parts.Add(new ReasoningPart(thinking));
        }

        if (message.Member("content").Text() is { Length: > 0 } text)
        {
            parts.Add(new TextPart(text));
        }

        return parts;
    }
}
