using System.Runtime.CompilerServices;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>Reads chat completions, whole or streamed, of every vendor that answers with them.</summary>
internal static class ChatCompletions
{
    public static async IAsyncEnumerable<ModelChunk> ReadAsync(ProviderAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!answer.IsEventStream)
        {
            yield return ReadWhole(answer, await answer.ReadJsonAsync(cancellationToken));
            yield break;
        }

        string? finishReason = null;
        TokenUsage? usage = null;
        var done = false;
        await foreach (var item in answer.ReadEventsAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
            {
                done = true;
                break;
            }

            var frame = answer.Parse(item.Data);
            if (frame.Member("error") is { } error)
            {
                throw answer.Failures.InStream(error);
            }

            usage = OpenAiAnswer.UsageOf(frame.Member("usage")) ?? usage;
            var choice = frame.Member("choices").Item(0);
            finishReason = OpenAiAnswer.FinishReasonOf(choice) ?? finishReason;
            var content = OpenAiAnswer.PartsOf(choice.Member("delta"));
            if (content.Count > 0)
            {
                yield return new ModelChunk { Content = content };
            }
        }

        // Some servers leave out the end mark; none leaves out the finish reason of a whole answer.
        if (!done && finishReason is null)
        {
            throw answer.Failures.CutOff(inner: null);
        }

        yield return new ModelChunk { FinishReason = finishReason ?? "unknown", Usage = usage };
    }

    private static ModelChunk ReadWhole(ProviderAnswer answer, JsonNode? body)
    {
        var choice = body.Member("choices").Item(0);
        if (choice.Member("message") is not JsonObject message)
        {
            throw answer.Failures.Garbage("a chat completion");
        }

        return new ModelChunk
        {
            Content = OpenAiAnswer.PartsOf(message),
            FinishReason = OpenAiAnswer.FinishReasonOf(choice) ?? "unknown",
            Usage = OpenAiAnswer.UsageOf(body.Member("usage")),
        };
    }
}
