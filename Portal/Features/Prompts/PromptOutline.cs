using System.Text.RegularExpressions;
using Portal.Features.Playground;

namespace Portal.Features.Prompts;

public enum OutlineKind
{
    Message,
    Variable,
    Partial,
    Tool,
}

/// <param name="Detail">A type, or how often it is used.</param>
/// <param name="Line">Where it is, from 1; 0 when it has no place.</param>
public sealed record OutlineItem(OutlineKind Kind, string Name, string? Detail, int Line);

/// <summary>What a document consists of, for finding one's way in it. Works on broken documents too.</summary>
public static partial class PromptOutline
{
    public static IReadOnlyList<OutlineItem> Of(CheckedPrompt prompt)
    {
        var lines = prompt.Document.Source.Split('\n');
        var body = BodyStart(lines);
        var items = new List<OutlineItem>();
        for (var index = body; index < lines.Length; index++)
        {
            items.AddRange(Role().Matches(lines[index]).Select(match => new OutlineItem(OutlineKind.Message, match.Groups[1].Value, null, index + 1)));
        }

        if (items.Count == 0 && body < lines.Length)
        {
            items.Add(new OutlineItem(OutlineKind.Message, "user", "no role given", body + 1));
        }

        items.AddRange(InputField.FromSchema(prompt.InputSchema).Select(field => VariableItem(field, lines, body)));
        for (var index = body; index < lines.Length; index++)
        {
            items.AddRange(Partial().Matches(lines[index]).Select(match => new OutlineItem(OutlineKind.Partial, match.Groups[1].Value, null, index + 1)));
        }

        items.AddRange(prompt.Document.Metadata.Tools.Select(tool => new OutlineItem(OutlineKind.Tool, tool, null, LineOf(lines, tool))));
        return items;
    }

    private static OutlineItem VariableItem(InputField field, string[] lines, int body)
    {
        var use = new Regex($@"\{{\{{[^}}]*(?<![\w.-]){Regex.Escape(field.Name)}(?![\w-])", RegexOptions.None, TimeSpan.FromMilliseconds(200));
        var uses = 0;
        var first = 0;
        for (var index = body; index < lines.Length; index++)
        {
            var count = use.Count(lines[index]);
            uses += count;
            first = first == 0 && count > 0 ? index + 1 : first;
        }

        return new OutlineItem(OutlineKind.Variable, field.Name, $"{field.TypeName} · {(uses == 0 ? "unused" : $"{uses}×")}", first);
    }

    /// <summary>Index of the first line after the frontmatter.</summary>
    private static int BodyStart(string[] lines)
    {
        if (lines.Length == 0 || lines[0].TrimEnd() != "---")
        {
            return 0;
        }

        var end = Array.FindIndex(lines, 1, line => line.TrimEnd() == "---");
        return end < 0 ? lines.Length : end + 1;
    }

    private static int LineOf(string[] lines, string text) => Array.FindIndex(lines, line => line.Contains(text, StringComparison.Ordinal)) + 1;

    [GeneratedRegex("""\{\{~?\s*role\s+["'](\w+)["']""")]
    private static partial Regex Role();

    [GeneratedRegex(@"\{\{~?>\s*([\w./-]+)")]
    private static partial Regex Partial();
}
