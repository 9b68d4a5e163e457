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

    public string BaseUrlSetting => "serverAddress";

    public bool NeedsBaseUrl => true;

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _connection.PostAsync(this, request, officialUrl: null, "/api/chat", OllamaRequest.Build(request),
            (message, _) => message.Headers.Accept.ParseAdd(request.Stream ? "application/x-ndjson" : "application/json"), cancellationToken);
        var refs = new ToolRefs(request.Messages);
        if (!answer.IsLineStream)
        {
            var body = await answer.ReadJsonAsync(cancellationToken);
            yield return body.Member("message") is JsonObject ? LastOf(body, refs, answer.Failures) : throw answer.Failures.Garbage("a chat answer");
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
                yield return LastOf(line, refs, answer.Failures);
                yield break;
            }

            if (line.Member("message") is not JsonObject message)
            {
                throw answer.Failures.Garbage("a chat stream");
            }

            if (PartsOf(message, refs, answer.Failures) is { Count: > 0 } content)
            {
                yield return new ModelChunk { Content = content };
            }
        }

        throw answer.Failures.CutOff(inner: null);
    }

    private static ModelChunk LastOf(JsonNode? body, ToolRefs refs, ProviderFailures failures) => new()
    {
        Content = PartsOf(body.Member("message"), refs, failures),
        FinishReason = body.Member("done_reason").Text() switch
        {
            null => "unknown",
            "stop" => "stop",
            "length" => "length",
            _ => "other",
        },
        Usage = new TokenUsage { InputTokens = body.Member("prompt_eval_count").Count(), OutputTokens = body.Member("eval_count").Count() },
    };

    private static List<Part> PartsOf(JsonNode? message, ToolRefs refs, ProviderFailures failures)
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

        foreach (var call in message.Member("tool_calls") as JsonArray ?? [])
        {
            var function = call.Member("function");
            var name = function.Member("name").Text() ?? throw failures.Garbage("a tool call with a name");
            parts.Add(new ToolRequestPart(name, call.Member("id").Text() is { Length: > 0 } id ? id : refs.Next(), function.Member("arguments")?.DeepClone() ?? new JsonObject()));
        }

        return parts;
    }
}
