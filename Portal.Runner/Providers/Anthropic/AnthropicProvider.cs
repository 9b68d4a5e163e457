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

    public string? BaseUrlVariable => "ANTHROPIC_BASE_URL";

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _connection.PostAsync(this, request, OfficialUrl, "/v1/messages", AnthropicRequest.Build(request), (message, _) =>
        {
            message.Headers.Add("x-api-key", ProviderConnection.HeaderSafe(request));
            message.Headers.Add("anthropic-version", ApiVersion);
        }, cancellationToken);
        var blocks = new AnthropicBlocks(request, answer.Failures);
        if (!answer.IsEventStream)
        {
            yield return ReadWhole(answer, blocks, await answer.ReadJsonAsync(cancellationToken));
            yield break;
        }

        string? finishReason = null;
        var usage = new AnthropicUsage();
        await foreach (var frame in answer.ReadEventsAsync(cancellationToken))
        {
            switch (frame.Member("type").Text())
            {
                case "message_start":
                    usage.Add(frame.Member("message").Member("usage"));
                    yield return new ModelChunk { Usage = usage.ToTokens() }; // should the stream be cut, this much is known
                    break;
                case "content_block_start" when blocks.Start(frame) is { } part:
                    yield return new ModelChunk { Content = [part] };
                    break;
                case "content_block_delta" when blocks.Add(frame) is { } part:
                    yield return new ModelChunk { Content = [part] };
                    break;
                case "message_delta":
                    finishReason = FinishReasonOf(frame.Member("delta").Member("stop_reason").Text()) ?? finishReason;
                    usage.Add(frame.Member("usage"));
                    break;
                case "message_stop":
                    yield return new ModelChunk { Content = blocks.End(finishReason), FinishReason = finishReason ?? "unknown", Usage = usage.ToTokens() };
                    yield break;
                case "error":
                    throw answer.Failures.InStream(frame.Member("error"));
                case null:
                    throw answer.Failures.Garbage("a message stream");
            }
        }

        throw answer.Failures.CutOff(inner: null);
    }

    private static ModelChunk ReadWhole(ProviderAnswer answer, AnthropicBlocks blocks, JsonNode? body)
    {
        if (body.Member("content") is not JsonArray content)
        {
            throw answer.Failures.Garbage("a message");
        }

        var usage = new AnthropicUsage();
        usage.Add(body.Member("usage"));
        return new ModelChunk
        {
            Content = [.. content.Select(blocks.Whole).OfType<Part>()],
            FinishReason = FinishReasonOf(body.Member("stop_reason").Text()) ?? "unknown",
            Usage = usage.ToTokens(),
        };
    }

    private static string? FinishReasonOf(string? stopReason) => stopReason switch
    {
        null => null,
        "end_turn" or "stop_sequence" or "tool_use" => "stop",
        "max_tokens" or "model_context_window_exceeded" => "length",
        "refusal" => "blocked",
        _ => "other",
    };
}
