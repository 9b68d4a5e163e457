using System.Runtime.CompilerServices;
using Portal.Dotprompt.Messages;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Anthropic;

/// <summary>Anthropic's messages API.</summary>
internal sealed class AnthropicProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private const string OfficialUrl = "https://api.anthropic.com";
    private const string ApiVersion = "2023-06-01";
    private readonly ProviderConnection _connection = new(client, timeProvider);

    public string Name => "anthropic";

    public IReadOnlyList<string> DefaultCredentialKeys { get; } = ["ANTHROPIC_API_KEY"];

    public string? BaseUrlVariable => "ANTHROPIC_BASE_URL";

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _connection.PostAsync(this, request, OfficialUrl, "/v1/messages", AnthropicRequest.Build(request), headers =>
        {
            headers.Add("x-api-key", request.ApiKey);
            headers.Add("anthropic-version", ApiVersion);
        }, cancellationToken);
        if (!answer.IsEventStream)
        {
            yield return ReadWhole(answer, await answer.ReadJsonAsync(cancellationToken));
            yield break;
        }

        string? finishReason = null;
        var usage = new AnthropicUsage();
        await foreach (var item in answer.ReadEventsAsync(cancellationToken))
        {
            var frame = answer.Parse(item.Data);
            switch (frame.Member("type").Text())
            {
                case "message_start":
                    usage.Add(frame.Member("message").Member("usage"));
                    break;
                case "content_block_start" when PartOf(frame.Member("content_block")) is { } part:
                    yield return new ModelChunk { Content = [part] };
                    break;
                case "content_block_delta" when PartOf(frame.Member("delta")) is { } part:
                    yield return new ModelChunk { Content = [part] };
                    break;
                case "message_delta":
                    finishReason = FinishReasonOf(frame.Member("delta").Member("stop_reason").Text()) ?? finishReason;
                    usage.Add(frame.Member("usage"));
                    break;
                case "message_stop":
                    yield return new ModelChunk { FinishReason = finishReason ?? "unknown", Usage = usage.ToTokens() };
                    yield break;
                case "error":
                    throw answer.Failures.InStream(frame.Member("error"));
                case null:
                    throw answer.Failures.Garbage("a message stream");
            }
        }

        throw answer.Failures.CutOff(inner: null);
    }

    private static ModelChunk ReadWhole(ProviderAnswer answer, JsonNode? body)
    {
        if (body.Member("content") is not JsonArray content)
        {
            throw answer.Failures.Garbage("a message");
        }

        var usage = new AnthropicUsage();
        usage.Add(body.Member("usage"));
        return new ModelChunk
        {
            Content = [.. content.Select(PartOf).OfType<Part>()],
            FinishReason = FinishReasonOf(body.Member("stop_reason").Text()) ?? "unknown",
            Usage = usage.ToTokens(),
        };
    }

    /// <summary>A content block or a delta of one; null for what holds no text.</summary>
    private static Part? PartOf(JsonNode? block)
    {
        if (block.Member("text").Text() is { Length: > 0 } text)
        {
            return new TextPart(text);
        }

        return block.Member("thinking").Text() is { Length: > 0 } thinking ? new ReasoningPart(thinking) : null;
    }

    private static string? FinishReasonOf(string? stopReason) => stopReason switch
    {
        null => null,
        "end_turn" or "stop_sequence" => "stop",
        "max_tokens" or "model_context_window_exceeded" => "length",
        "refusal" => "blocked",
        _ => "other",
    };
}
