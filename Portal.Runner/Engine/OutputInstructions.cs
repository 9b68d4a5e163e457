using Portal.Dotprompt;
using Portal.Dotprompt.Messages;

namespace Portal.Runner.Engine;

/// <summary>Tells the model in words what shape its answer must have.</summary>
internal static class OutputInstructions
{
    public const string Purpose = "output";

    /// <summary>
    /// Fills <c>{{section "output"}}</c> with the format's instructions and drops every other place that nothing fills. Without a place of their own
    /// they end the first system message, or else the last one of the user.
    /// </summary>
    public static IReadOnlyList<Message> Place(IReadOnlyList<Message> messages, OutputFormat format)
    {
        var hasPlace = messages.Any(static message => message.Content.Any(static part => PurposeOf(part) == Purpose));
        var filled = messages.Select(message => message with { Content = [.. message.Content.Select(part => Fill(part, format.Instructions)).OfType<Part>()] })
            .Where(static message => message.Content.Count > 0).ToList();
        if (hasPlace || format.OnlyInItsPlace || format.Instructions is not { } instructions)
        {
            return filled;
        }

        var index = filled.FindIndex(static message => message.Role == "system") is >= 0 and var system ? system : filled.FindLastIndex(static message => message.Role == "user");
        if (index >= 0)
        {
            filled[index] = filled[index] with { Content = [.. filled[index].Content, Marked("\n\n" + instructions)] };
        }

        return filled;
    }

    /// <summary>Whether the messages already say what to answer with.</summary>
    public static bool Present(IEnumerable<Message> messages) =>
        messages.Any(static message => message.Content.Any(static part => PurposeOf(part) == Purpose));

    public static string ForJson(JsonObject? schema) => schema is null
        ? "Answer with one JSON value and nothing else: no explanation, no code fence."
        : $"Answer with one JSON value that matches this JSON Schema, and nothing else: no explanation, no code fence.\n\n{schema.ToJsonString(DotpromptJson.Options)}";

    public static string ForArray(JsonObject schema) =>
        $"Answer with one JSON array that matches this JSON Schema, and nothing else: no explanation, no code fence.\n\n{schema.ToJsonString(DotpromptJson.Options)}";

    public static string ForLines(JsonObject items) =>
        $"Answer with JSON objects, each whole on a line of its own, and nothing else. Each must match this JSON Schema.\n\n{items.ToJsonString(DotpromptJson.Options)}";

    public static string ForEnum(JsonArray values) =>
        $"Answer with exactly one of these values and nothing else: no explanation, no quotes.\n\n{string.Join('\n', values.Select(static value => value?.ToString() ?? "null"))}";

    private static Part? Fill(Part part, string? instructions) => part switch
    {
        PendingPart when PurposeOf(part) == Purpose && instructions is not null => Marked(instructions),
        PendingPart => null,
        _ => part,
    };

    private static TextPart Marked(string text) => new(text) { Metadata = new JsonObject { ["purpose"] = Purpose } };

    private static string? PurposeOf(Part part) => part.Metadata?["purpose"]?.ToString();
}
