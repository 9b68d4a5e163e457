using System.Runtime.CompilerServices;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Providers;

namespace Portal.Runner.Engine;

/// <summary>How a prompt wants its tools used.</summary>
/// <param name="MaxTurns">Rounds of tools, from 0; the model is asked once more than that.</param>
/// <param name="Choice"><c>auto</c>, <c>required</c>, <c>none</c> or null.</param>
/// <param name="ReturnRequests">Whether requests are left to the caller.</param>
internal sealed record ToolUse(int MaxTurns, string? Choice, bool ReturnRequests)
{
    private const int DefaultMaxTurns = 5;
    private const int MostTurns = 100;

    /// <exception cref="GenkitException">A value is wrong; the message names its key.</exception>
    public static ToolUse Read(JsonObject? frontmatter) => new(
        frontmatter?["maxTurns"] switch
        {
            null => DefaultMaxTurns,
            var node when node.Number() is { } number and >= 0 and <= MostTurns && Math.Floor(number) == number => (int)number,
            _ => throw Wrong("maxTurns", $"a whole number from 0 to {MostTurns}"),
        },
        frontmatter?["toolChoice"] switch
        {
            null => null,
            JsonValue value when value.TryGetValue<string>(out var choice) && choice is "auto" or "required" or "none" => choice,
            _ => throw Wrong("toolChoice", "auto, required or none"),
        },
        frontmatter?["returnToolRequests"] switch
        {
            null => false,
            JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
            _ => throw Wrong("returnToolRequests", "true or false"),
        });

    private static GenkitException Wrong(string key, string allowed) => new(GenkitStatus.InvalidArgument, $"{key} of the prompt must be {allowed}.");
}

/// <summary>
/// Asks the model, calls the tools it asks for, and asks again, until it answers without asking for tools. The tools of a turn run at the same time;
/// their answers go back in the order they were asked for. A tool without an implementation interrupts: the requests are the answer.
/// Use once; the members are the outcome, to be read after the enumeration has ended.
/// </summary>
internal sealed class ToolLoop(Func<ModelRequest, IAsyncEnumerable<ModelChunk>> ask, ModelRequest first, ToolBox box, ToolUse use, ToolCalls calls, CallMeter meter)
{
    private readonly List<Message> _messages = [.. first.Messages];
    private int _index;
    private bool _streamed;
    private string _role = "model";

    /// <summary>The conversation, the last answer included.</summary>
    public IReadOnlyList<Message> Messages => _messages;

    public Message Answer => _messages[^1];
    public string FinishReason { get; private set; } = "unknown";

    /// <summary>Whether the answer holds requests for tools, which the caller is to answer.</summary>
    public bool AwaitsCaller => Answer.Content.Any(static part => part is ToolRequestPart);

    /// <exception cref="GenkitException">The provider failed, or the model goes on asking for tools.</exception>
    public async IAsyncEnumerable<GenerateEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var turn = 0; ; turn++)
        {
            (_role, _streamed) = ("model", false);
            var builder = new AnswerBuilder();
            var (begun, told) = (false, false);
            try
            {
                await foreach (var chunk in ask(RequestFor(turn)).WithCancellation(cancellationToken))
                {
                    var written = chunk with { Content = box.FromModel(chunk.Content) };
                    builder.Add(written);
                    (begun, told) = (true, told || chunk.FinishReason is not null);
                    if (written.Content.Count > 0)
                    {
                        meter.Token();
                        yield return ChunkOf("model", written.Content);
                    }
                }
            }
            finally
            {
                // A turn that is cut off costs, too, and nobody tells how much; one that was refused costs nothing.
                if (told || begun || cancellationToken.IsCancellationRequested)
                {
                    meter.Add((builder.Usage ?? new TokenUsage()) with { Incomplete = !told });
                }
            }

            FinishReason = builder.FinishReason;
            _messages.Add(builder.ToMessage());
            var requests = Answer.Content.OfType<ToolRequestPart>().ToList();
            if (requests.Count == 0 || use.ReturnRequests)
            {
                yield break;
            }

            if (turn >= use.MaxTurns)
            {
                throw new GenkitException(GenkitStatus.Aborted, $"The model asked for tools more than {use.MaxTurns} times. Raise maxTurns of the prompt, or tell it when to stop.");
            }

            var answers = new Dictionary<ToolRequestPart, ToolResponsePart>(ReferenceEqualityComparer.Instance);
            await foreach (var step in CallToolsAsync([.. requests.Where(request => !IsLeftToTheCaller(request))], answers, cancellationToken))
            {
                yield return step;
            }

            if (answers.Count < requests.Count)
            {
                Interrupt(answers);
                yield break;
            }

            var content = requests.ConvertAll(request => (Part)answers[request]);
            _messages.Add(new Message("tool", content));
            yield return ChunkOf("tool", content);
            _index++;
        }
    }

    /// <summary>Once tools have answered, <c>required</c> has had its way; kept, it would let no turn be the last.</summary>
    private ModelRequest RequestFor(int turn) => first with
    {
        Messages = [.. _messages.Select(ToolBox.ForModel)],
        ToolChoice = turn > 0 && use.Choice == "required" ? "auto" : use.Choice,
    };

    private async IAsyncEnumerable<GenerateEvent> CallToolsAsync(
        List<ToolRequestPart> requests, Dictionary<ToolRequestPart, ToolResponsePart> answers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        foreach (var request in requests)
        {
            yield return new GenerateEvent.ToolCalled(request);
        }

        var running = calls.Begin(requests, stop.Token);
        try
        {
            await foreach (var ended in Task.WhenEach(running))
            {
                var answered = await ended;
                answers[answered.Request] = answered.Response;
                yield return answered;
            }
        }
        finally
        {
            // Nobody listens any more: what still runs must end before the call does.
            await stop.CancelAsync();
            await Task.WhenAll(running.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsLeftToTheCaller(ToolRequestPart request) => box.Find(request.Name) is { Kind: null };

    /// <summary>As in Genkit: requests that wait are marked, and the answers of the others are kept beside their requests.</summary>
    private void Interrupt(Dictionary<ToolRequestPart, ToolResponsePart> answers)
    {
        FinishReason = "interrupted";
        _messages[^1] = Answer with { Content = [.. Answer.Content.Select(part => part is ToolRequestPart request ? Mark(request) : part)] };

        ToolRequestPart Mark(ToolRequestPart request)
        {
            var metadata = (JsonObject?)request.Metadata?.DeepClone() ?? [];
            if (answers.TryGetValue(request, out var answer))
            {
                metadata["pendingOutput"] = answer.Output?.DeepClone();
            }
            else
            {
                metadata["interrupt"] = true;
            }

            return request with { Metadata = metadata };
        }
    }

    /// <summary>Genkit's numbering: the index goes up when the role changes and something was already streamed this turn.</summary>
    private GenerateEvent.Chunk ChunkOf(string role, IReadOnlyList<Part> content)
    {
        if (role != _role && _streamed)
        {
            _index++;
        }

        (_role, _streamed) = (role, true);
        return new GenerateEvent.Chunk(content, role, _index);
    }
}
