using System.Runtime.CompilerServices;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>Reads chat completions, whole or streamed, of every vendor that answers with them.</summary>
internal static class ChatCompletions
{
    /// <param name="request">What was asked.</param>
    /// <param name="answer">The vendor's answer.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<ModelChunk> ReadAsync(
        ModelRequest request, ProviderAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var calls = new ToolCalls(answer.Failures, new ToolRefs(request.Messages));
        if (!answer.IsEventStream)
        {
            yield return ReadWhole(answer, await answer.ReadAsync(ChatFrame.Parse, cancellationToken), calls);
            yield break;
        }

        string? finishReason = null;
        string? tier = null;
        TokenUsage? usage = null;
        var (done, refused) = (false, false);
        await foreach (var frame in answer.ReadEventsAsync(ChatFrame.Parse, cancellationToken))
        {
            if (frame == ChatFrame.Done)
            {
                done = true;
                break;
            }

            if (frame.Error is { } error)
            {
                throw answer.Failures.InStream(error);
            }

            (usage, tier) = (frame.Usage ?? usage, frame.ServiceTier ?? tier);
            refused |= frame.Refusal is { Length: > 0 };
            finishReason = FinishReasonOf(frame.FinishReason, refused) ?? finishReason;
            AddCalls(frame, calls);
            if (PartsOf(frame) is { Length: > 0 } content)
            {
                yield return new ModelChunk { Content = content };
            }
        }

        // Some servers leave out the end mark; none leaves out the finish reason of a whole answer.
        if (!done && finishReason is null)
        {
            throw answer.Failures.CutOff(inner: null);
        }

        yield return new ModelChunk { Content = calls.EndAll(finishReason), FinishReason = finishReason ?? "unknown", Usage = Served(usage, tier) };
    }

    private static ModelChunk ReadWhole(ProviderAnswer answer, ChatFrame frame, ToolCalls calls)
    {
        if (!frame.HasMessage)
        {
            throw frame.Error is { } error ? answer.Failures.InStream(error) : answer.Failures.Garbage("a chat completion");
        }

        AddCalls(frame, calls);
        var finishReason = FinishReasonOf(frame.FinishReason, frame.Refusal is { Length: > 0 });
        return new ModelChunk
        {
            Content = [.. PartsOf(frame), .. calls.EndAll(finishReason)],
            FinishReason = finishReason ?? "unknown",
            Usage = Served(frame.Usage, frame.ServiceTier),
        };
    }

    private static TokenUsage? Served(TokenUsage? usage, string? tier) => tier is null || usage is null ? usage : usage with { ServiceTier = tier };

    private static void AddCalls(ChatFrame frame, ToolCalls calls)
    {
        foreach (var piece in frame.Tools)
        {
            calls.Add(piece.Index, piece.Id, piece.Name, piece.Arguments);
        }
    }

    /// <summary>Text and reasoning; a refusal is text too.</summary>
    private static Part[] PartsOf(ChatFrame frame)
    {
        var reasoning = frame.Reasoning is { Length: > 0 } thought ? new ReasoningPart(thought) : null;
        var text = frame.Text is { Length: > 0 } said ? new TextPart(said) : null;
        var refusal = frame.Refusal is { Length: > 0 } refused ? new TextPart(refused) : null;
        return (reasoning, text, refusal) switch
        {
            (null, null, null) => [],
            (null, not null, null) => [text],
            _ => [.. new Part?[] { reasoning, text, refusal }.OfType<Part>()],
        };
    }

    private static string? FinishReasonOf(string? reason, bool refused) => reason switch
    {
        null => null,
        "stop" or "tool_calls" or "function_call" => refused ? "blocked" : "stop",
        "length" => "length",
        "content_filter" => "blocked",
        _ => "other",
    };
}
