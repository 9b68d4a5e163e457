using System.Runtime.CompilerServices;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.GoogleAi;

/// <summary>Reads generated content, whole or streamed, of both of Google's APIs.</summary>
internal static class GeneratedContent
{
    /// <param name="request">What was asked.</param>
    /// <param name="answer">The API's answer.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<ModelChunk> ReadAsync(
        ModelRequest request, ProviderAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var refs = new ToolRefs(request.Messages);
        if (!answer.IsEventStream)
        {
            var body = await answer.ReadJsonAsync(cancellationToken);
            yield return new ModelChunk
            {
                Content = GoogleAiAnswer.PartsOf(body, refs),
                FinishReason = GoogleAiAnswer.FinishReasonOf(body) ?? throw answer.Failures.Garbage("generated content"),
                Usage = GoogleAiAnswer.UsageOf(body),
            };
            yield break;
        }

        string? finishReason = null;
        TokenUsage? usage = null;
        await foreach (var frame in answer.ReadEventsAsync(cancellationToken))
        {
            if (frame.Member("error") is { } error)
            {
                throw answer.Failures.InStream(error);
            }

            if (frame is not JsonObject)
            {
                throw answer.Failures.Garbage("a stream of generated content");
            }

            usage = GoogleAiAnswer.UsageOf(frame) ?? usage;
            finishReason = GoogleAiAnswer.FinishReasonOf(frame) ?? finishReason;
            if (GoogleAiAnswer.PartsOf(frame, refs) is { Count: > 0 } content)
            {
                yield return new ModelChunk { Content = content, Usage = usage };
            }
        }

        // The stream has no end mark but the reason it ended for.
        yield return new ModelChunk { FinishReason = finishReason ?? throw answer.Failures.CutOff(inner: null), Usage = usage };
    }
}
