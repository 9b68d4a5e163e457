using Portal.Components.Inputs;
using Portal.Dotprompt.Diagnostics;

namespace Portal.Features.Prompts;

public enum OutlineKind
{
    Message,
    Variable,
    Partial,
    Tool,
}

/// <param name="Detail">A type, or how often it is used.</param>
/// <param name="Place">Where it is first; null when it has no place.</param>
public sealed record OutlineEntry(OutlineKind Kind, string Name, string Detail, TextRange? Place);

/// <summary>The outline of a document as the page shows it: with the types of its variables, and those that are never used.</summary>
public static class OutlineEntries
{
    public static IReadOnlyList<OutlineEntry> Of(CheckedPrompt prompt)
    {
        var outline = prompt.Outline;
        var fields = InputField.FromSchema(prompt.InputSchema);
        var used = outline.Variables.ToDictionary(item => item.Name, StringComparer.Ordinal);
        var undeclared = outline.Variables.Where(item => fields.All(field => field.Name != item.Name));
        return
        [
            .. outline.Roles.Select(item => new OutlineEntry(OutlineKind.Message, item.Name, $"line {item.Range.StartLine}", item.Range)),
            .. fields.Select(field =>
                new OutlineEntry(OutlineKind.Variable, field.Name, $"{field.TypeName} · {Uses(used.GetValueOrDefault(field.Name))}",
                    used.GetValueOrDefault(field.Name)?.Range)),
            .. undeclared.Select(item =>
                new OutlineEntry(OutlineKind.Variable, item.Name, fields.Count == 0 ? Uses(item) : "not declared", item.Range)),
            .. outline.Partials.Select(item => new OutlineEntry(OutlineKind.Partial, item.Name, Uses(item), item.Range)),
            .. outline.Tools.Select(item => new OutlineEntry(OutlineKind.Tool, item.Name, $"line {item.Range.StartLine}", item.Range)),
        ];
    }

    private static string Uses(OutlineItem? item) => item is null ? "unused" : $"{item.Count}×";
}
