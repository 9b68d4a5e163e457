using System.Runtime.CompilerServices;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Bedrock;

/// <summary>Reads answers of the Converse API, whole or streamed.</summary>
internal sealed class BedrockAnswer(ModelRequest request, ProviderAnswer answer)
{
    private readonly ToolRefs _refs = new(request.Messages);
    private readonly ToolCalls _calls = new(answer.Failures, new ToolRefs(request.Messages));

    public ModelChunk ReadWhole(JsonNode? body)
    {
        if (body.Member("output").Member("message").Member("content") is not JsonArray content)
        {
            throw answer.Failures.Garbage("a Converse answer");
        }

        return new ModelChunk
        {
            Content = [.. content.Select(PartOf).OfType<Part>()],
            FinishReason = FinishReasonOf(body.Member("stopReason").Text()),
            Usage = UsageOf(body),
        };
    }

    public async IAsyncEnumerable<ModelChunk> ReadStreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? finishReason = null;
        TokenUsage? usage = null;
        await foreach (var item in AwsEventStream.ReadAsync(answer, cancellationToken))
        {
            if (item.Kind != "event")
            {
                throw answer.Failures.InStream(new JsonObject { ["type"] = item.Type, ["message"] = item.Payload.Member("message").Text() ?? item.Message });
            }

            switch (item.Type)
            {
                case "contentBlockStart" when item.Payload.Member("start").Member("toolUse") is { } call:
                    _calls.Add(IndexOf(item), call.Member("toolUseId").Text(), call.Member("name").Text(), arguments: null);
                    break;
                case "contentBlockDelta" when Add(item) is { } part:
                    yield return new ModelChunk { Content = [part] };
                    break;
                case "messageStop":
                    finishReason = FinishReasonOf(item.Payload.Member("stopReason").Text());
                    break;
                case "metadata":
                    usage = UsageOf(item.Payload) ?? usage;
                    break;
            }
        }

        // The counts come after the end of the message; a stream without them is whole all the same.
        yield return new ModelChunk
        {
            FinishReason = finishReason ?? throw answer.Failures.CutOff(inner: null),
            Content = _calls.EndAll(finishReason),
            Usage = usage,
        };
    }

    private static long IndexOf(AwsEvent item) => item.Payload.Member("contentBlockIndex").Count() ?? 0;

    private Part? Add(AwsEvent item)
    {
        var delta = item.Payload.Member("delta");
        if (delta.Member("toolUse").Member("input").Text() is { } json)
        {
            _calls.Append(IndexOf(item), json);
            return null;
        }

        return delta.Member("reasoningContent") is { } thought ? ThoughtOf(thought, thought) : TextOf(delta);
    }

    private Part? PartOf(JsonNode? block)
    {
        if (block.Member("toolUse") is { } call)
        {
            return new ToolRequestPart(call.Member("name").Text() ?? throw answer.Failures.Garbage("a tool call with a name"),
                call.Member("toolUseId").Text() ?? _refs.Next(), call.Member("input")?.DeepClone() ?? new JsonObject());
        }

        return block.Member("reasoningContent") is { } thought ? ThoughtOf(thought.Member("reasoningText"), thought) : TextOf(block);
    }

    private static TextPart? TextOf(JsonNode? block) => block.Member("text").Text() is { Length: > 0 } text ? new TextPart(text) : null;

    private static ReasoningPart? ThoughtOf(JsonNode? said, JsonNode? thought)
    {
        if (thought.Member("redactedContent").Text() is { } hidden)
        {
            return ThoughtSignature.Hidden(hidden);
        }

        var (text, signature) = (said.Member("text").Text(), said.Member("signature").Text());
        return string.IsNullOrEmpty(text) && string.IsNullOrEmpty(signature) ? null : ThoughtSignature.With(new ReasoningPart(text ?? ""), signature);
    }

    private static string FinishReasonOf(string? stopReason) => stopReason switch
    {
        null => "unknown",
        "end_turn" or "stop_sequence" or "tool_use" => "stop",
        "max_tokens" or "model_context_window_exceeded" => "length",
        "guardrail_intervened" or "content_filtered" => "blocked",
        _ => "other",
    };

    /// <summary>The vendor counts cached input apart; our input total includes it.</summary>
    private static TokenUsage? UsageOf(JsonNode? answer)
    {
        var usage = answer.Member("usage");
        if (usage.Member("inputTokens").Count() is not { } input)
        {
            return null;
        }

        var (read, written) = (usage.Member("cacheReadInputTokens").Count(), usage.Member("cacheWriteInputTokens").Count());
        return new TokenUsage
        {
            InputTokens = input + (read ?? 0) + (written ?? 0),
            OutputTokens = usage.Member("outputTokens").Count(),
            CachedInputTokens = read,
            CacheWriteTokens = written,
            CacheWriteHourTokens = (usage.Member("cacheDetails") as JsonArray)?.FirstOrDefault(static item => item.Member("ttl").Text() == "1h").Member("inputTokens").Count(),
            ServiceTier = ServiceTiers.Of(answer.Member("serviceTier").Member("type").Text()),
        };
    }
}
