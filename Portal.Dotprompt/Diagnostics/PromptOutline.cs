using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Templates;

namespace Portal.Dotprompt.Diagnostics;

/// <param name="Name">As written.</param>
/// <param name="Range">Where it is first.</param>
/// <param name="Count">How often.</param>
public sealed record OutlineItem(string Name, TextRange Range, int Count);

/// <summary>What a document consists of, for an editor's outline.</summary>
public sealed record PromptOutline
{
    /// <summary>From the opening to the closing delimiter; null when there is none.</summary>
    public TextRange? Frontmatter { get; init; }

    /// <summary>Each <c>{{role}}</c> in order; a computed role is called <c>…</c>.</summary>
    public IReadOnlyList<OutlineItem> Roles { get; init; } = [];

    /// <summary>Input variables by first use.</summary>
    public IReadOnlyList<OutlineItem> Variables { get; init; } = [];

    /// <summary>Partials by first use.</summary>
    public IReadOnlyList<OutlineItem> Partials { get; init; } = [];

    /// <summary>Input variables that hold the url of a medium.</summary>
    public IReadOnlySet<string> Media { get; init; } = new HashSet<string>();

    /// <summary>Tools named in the frontmatter.</summary>
    public IReadOnlyList<OutlineItem> Tools { get; init; } = [];

    /// <summary>Works on broken documents too, as far as they can be read.</summary>
    public static PromptOutline Of(DotpromptDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var walker = new TemplateWalker(document, null);
        walker.Walk();
        var (lines, parts) = (document.Lines, document.Parts);
        var tools = (document.Frontmatter as YamlMapping)?.Find("tools")?.Value as YamlSequence;
        return new PromptOutline
        {
            Frontmatter = parts.HasFrontmatter ? lines.Range(parts.OpenStart, parts.CloseEnd) : null,
            Roles = [.. walker.Roles.Select(role => new OutlineItem(RoleName(role.Call), lines.Range(role.Start, role.End), 1))],
            Variables = Group(document, walker.Variables.Select(variable => (variable.Name, variable.Start, variable.End))),
            Partials = Group(document, walker.Partials.Select(partial => (partial.Name, partial.Start, partial.End))),
            Media = walker.Media,
            Tools = Group(document, tools?.Items.OfType<YamlScalar>().Select(tool => (tool.Text, tool.Start, tool.End)) ?? []),
        };
    }

    private static string RoleName(Call call) => call.Parameters is [LiteralExpression { Value: string name }, ..] ? name : "…";

    private static List<OutlineItem> Group(DotpromptDocument document, IEnumerable<(string Name, int Start, int End)> uses) =>
        [.. uses.GroupBy(use => use.Name, StringComparer.Ordinal).Select(group =>
            new OutlineItem(group.Key, document.Lines.Range(group.First().Start, group.First().End), group.Count()))];
}
