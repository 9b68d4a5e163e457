using System.Runtime.CompilerServices;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Demo;

/// <summary>
/// Answers in process, without a key and always the same: the answer is labelled <c>[demo]</c> and repeats the last user message,
/// word by word. <c>config.delayMs</c> sets the pause between words (default 15), <c>maxOutputTokens</c> cuts the answer.
/// A tool whose name the message says is called, once, and its answer repeated. Tokens are estimated as four characters each.
/// </summary>
internal sealed class DemoProvider(TimeProvider timeProvider) : IModelProvider
{
    public const string ModelName = "echo-stream";
    private const int DefaultDelayMilliseconds = 15;
    private const int MaxDelayMilliseconds = 10_000;

    public string Name => "demo";

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.Model != ModelName)
        {
            throw new GenkitException(GenkitStatus.NotFound, $"The demo provider has one model, \"{ModelName}\"; there is no \"{request.Model}\".");
        }

        var delay = TimeSpan.FromMilliseconds(WholeNumber(request.Config, "delayMs", 0, MaxDelayMilliseconds) ?? DefaultDelayMilliseconds);
        if (DemoTools.RequestedBy(request) is { Count: > 0 } tools)
        {
            yield return new ModelChunk { Content = tools };
            yield return new ModelChunk
            {
                FinishReason = "stop",
                Usage = new TokenUsage { InputTokens = EstimateTokens(request.Messages.Sum(static message => message.Text.Length)), OutputTokens = EstimateTokens(tools.Sum(static tool => tool.Name.Length)) },
            };
            yield break;
        }

        var limit = WholeNumber(request.Config, "maxOutputTokens", 1, int.MaxValue);
        var (text, wasCut) = Cut(DemoAnswer.For(request), limit);
        var first = true;
        foreach (var piece in request.Stream ? Words(text) : [text])
        {
            if (!first && delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, timeProvider, cancellationToken);
            }

            first = false;
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ModelChunk { Content = [new TextPart(piece)] };
        }

        yield return new ModelChunk
        {
            FinishReason = wasCut ? "length" : "stop",
            Usage = new TokenUsage { InputTokens = EstimateTokens(request.Messages.Sum(static message => message.Text.Length)), OutputTokens = EstimateTokens(text.Length) },
        };
    }

    private static (string Text, bool WasCut) Cut(string text, int? limit)
    {
        if (limit is not { } most || EstimateTokens(text.Length) <= most)
        {
            return (text, false);
        }

        var length = most * 4;
        return (text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)], true);
    }

    /// <summary>The text cut after each run of whitespace, so that the pieces joined are the text.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var start = 0;
        for (var index = 1; index < text.Length; index++)
        {
            if (char.IsWhiteSpace(text[index - 1]) && !char.IsWhiteSpace(text[index]))
            {
                yield return text[start..index];
                start = index;
            }
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }

    private static long EstimateTokens(int characters) => (characters + 3L) / 4;

    private static int? WholeNumber(JsonObject config, string key, int least, int most)
    {
        if (config[key] is not { } node)
        {
            return null;
        }

        return node is JsonValue && node.GetValueKind() == JsonValueKind.Number && int.TryParse(node.ToJsonString(), out var number) && number >= least && number <= most
            ? number
            : throw new GenkitException(GenkitStatus.InvalidArgument, $"config.{key} must be a whole number from {least} to {most}.");
    }
}
