using Portal.Dotprompt.Messages;

namespace Portal.Runner.Engine;

/// <summary>Tells the model in words what shape its answer must have.</summary>
internal static class OutputInstructions
{
    private const string Purpose = "output";

    /// <summary>Fills <c>{{section "output"}}</c> with instructions and drops every other place that nothing fills.</summary>
    public static IReadOnlyList<Message> Place(IReadOnlyList<Message> messages, string? format, JsonObject? schema) =>
        [.. messages.Select(message => message with { Content = [.. message.Content.Select(part => Fill(part, format, schema)).OfType<Part>()] })
            .Where(static message => message.Content.Count > 0)];

    /// <summary>Whether the messages already say what to answer with.</summary>
    public static bool Present(IEnumerable<Message> messages) =>
        messages.Any(static message => message.Content.Any(static part => PurposeOf(part) == Purpose));

    public static string ForJson(JsonObject? schema) => schema is null
        ? "Answer with one JSON value and nothing else: no explanation, no code fence."
        : $"Answer with one JSON value that matches this JSON Schema, and nothing else: no explanation, no code fence.\n\n{schema.ToJsonString()}";

    private static Part? Fill(Part part, string? format, JsonObject? schema) => part switch
    {
        PendingPart when PurposeOf(part) == Purpose && format == "json" =>
            new TextPart(ForJson(schema)) { Metadata = new JsonObject { ["purpose"] = Purpose } },
        PendingPart => null,
        _ => part,
    };

    private static string? PurposeOf(Part part) => part.Metadata?["purpose"]?.ToString();
}
