using Portal.Components.Inputs;
using Portal.Dotprompt.Documents;
using Portal.Runner.Content;
using Portal.Runner.Contract;

namespace Portal.Features.Playground;

/// <summary>Takes out of a run what may not be written, before anything is.</summary>
internal static class RunRedaction
{
    /// <summary>Marks the object that stands in the place of an input that was too long to keep.</summary>
    public const string CutMarker = "$cut";

    /// <summary>The run with no more of what was said than the policy keeps, and never more than there was.</summary>
    /// <param name="run">As it was, or as much of it as somebody else kept.</param>
    /// <param name="policy">In force now.</param>
    /// <param name="document">The prompt's text, which says what is secret, where the run does not hold it itself.</param>
    public static RunSnapshot Apply(RunSnapshot run, RunPolicy policy, string? document = null)
    {
        var keeping = CallContent.Less(policy.KeepingOf(run.Source, run.Id), run.Kept);

        // What was cut before it was redacted may end within a secret, and of its input nothing tells the names.
        if (keeping == RunKeeping.Redacted && run.Kept == RunKeeping.Full && run.Input.ContainsKey(CutMarker))
        {
            keeping = RunKeeping.Off;
        }

        var names = ContentRedaction.SecretNames(policy.SecretVariables, SchemaOf(run.Content ?? document));
        var secrets = keeping == RunKeeping.Full ? [] : ContentRedaction.SecretValues(run.Input, names);
        string Clean(string text) => ContentRedaction.Clean(ContentRedaction.WithoutMedia(text), secrets);
        var input = KeptMedia.Summarize(run.Input, run.Previews);
        var kept = run with
        {
            Kept = keeping,
            Previews = new Dictionary<string, string>(),
            // A provider's message may repeat what it was sent.
            Error = run.Error is { } error && keeping != RunKeeping.Full ? error with { Message = Clean(error.Message) } : run.Error,
        };
        switch (keeping)
        {
            case RunKeeping.Off:
                return kept with { Input = [], Output = "", Content = null };
            case RunKeeping.Redacted:
                ContentRedaction.HideNamed(input, names);
                return kept with { Input = Map(input, Clean, withPreviews: false), Output = Clean(run.Output) };
            default:
                return kept with { Input = Map(input, ContentRedaction.WithoutMedia, withPreviews: true), Output = ContentRedaction.WithoutMedia(run.Output) };
        }
    }

    /// <summary>Whether something of it was not kept: a run with such cannot be run again.</summary>
    public static bool HasPlaceholder(JsonNode? input) => input?.ToJsonString(InputJson.Compact) is { } text
        && (text.Contains("(media ", StringComparison.Ordinal) || text.Contains($"\"{KeptMedia.Marker}\"", StringComparison.Ordinal) || text.Contains($"\"{CutMarker}\"", StringComparison.Ordinal));

    /// <summary>An input for reading: without the bytes of previews.</summary>
    public static JsonObject WithoutPreviews(JsonObject input) => Map(input, static text => text, withPreviews: false);

    private static JsonObject? SchemaOf(string? document) => document is null ? null : DotpromptDocument.Parse(document).Metadata.Input?["schema"] as JsonObject;

    private static JsonObject Map(JsonObject input, Func<string, string> change, bool withPreviews) => (JsonObject)ContentRedaction.Map(
        input, change, media => KeptMedia.Find(media) is not { } kept ? null : withPreviews ? media.DeepClone()
            : new JsonObject { [KeptMedia.Marker] = new JsonObject(kept.Where(pair => pair.Key != "preview").Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))) })!;
}
