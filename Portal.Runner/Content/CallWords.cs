using Portal.Runner.Contract;
using Portal.Runner.Flows;

namespace Portal.Runner.Content;

/// <summary>What was said in a call that ended, as it was said: <see cref="Read"/> before it goes anywhere.</summary>
/// <param name="keeping">How much of it may be kept.</param>
/// <param name="secretNames">Names of variables that are secret.</param>
/// <param name="input">What it was called with.</param>
/// <param name="output">The answer, a text or JSON that nobody changes any more; null when there is none.</param>
/// <param name="error">Why it failed.</param>
internal sealed class CallWords(RunKeeping keeping, IReadOnlySet<string> secretNames, FlowInput input, JsonNode? output, string? error)
{
    /// <summary>Bytes it takes in memory, about.</summary>
    public long Size { get; } = input.Bytes + (sizeof(char) * (long)TextOf(output).Length);

    /// <summary>As much as may be kept, cut to what fits. Takes a while for long texts.</summary>
    public CallContent Read()
    {
        var asked = (JsonObject)input.Value.DeepClone();
        IReadOnlyList<string> secrets = [];
        if (keeping != RunKeeping.Full)
        {
            secrets = ContentRedaction.SecretValues(asked, secretNames);
            ContentRedaction.HideNamed(asked, secretNames);
        }

        string Clean(string text) => keeping == RunKeeping.Full ? ContentRedaction.WithoutMedia(text) : ContentRedaction.Clean(ContentRedaction.WithoutMedia(text), secrets);
        var (whole, answer) = (ContentRedaction.Map(asked, Clean)!.ToJsonString(FlowAnswer.Compact), TextOf(ContentRedaction.Map(output, Clean)));
        if (output is not JsonValue)
        {
            answer = Clean(answer); // names of fields, and what a name tells of its value
        }

        var (begin, answered) = (CallContent.Cut(whole, CallContent.MostInput), CallContent.Cut(answer, CallContent.MostOutput));
        return new CallContent
        {
            Kept = keeping,
            Input = begin,
            InputLength = begin.Length < whole.Length ? whole.Length : null,
            Output = answered,
            OutputLength = answered.Length < answer.Length ? answer.Length : null,
            Error = error is null ? null : CallContent.Cut(Clean(error), CallContent.MostError),
        };
    }

    private static string TextOf(JsonNode? answer) =>
        answer is JsonValue value && value.TryGetValue(out string? text) ? text : answer?.ToJsonString(FlowAnswer.Compact) ?? "";
}
