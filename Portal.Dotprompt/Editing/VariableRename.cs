using System.Text.RegularExpressions;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Templates;

namespace Portal.Dotprompt.Editing;

/// <summary>What renaming would do: the places to replace, or in one sentence why it cannot be done.</summary>
public sealed record RenameAnswer(IReadOnlyList<TextRange> Places, string? Refusal)
{
    /// <summary>The name that stands at each of the places.</summary>
    public string Name { get; init; } = "";
}

/// <summary>
/// Renames an input variable everywhere in a document: in the template, in <c>input.schema</c> (Picoschema or JSON Schema) and in
/// <c>input.default</c>. Uses inside partials are other documents' and stay. Never throws, whatever the text.
/// </summary>
public static partial class VariableRename
{
    private static readonly string[] s_reserved = ["this", "true", "false", "null", "undefined", "else"];

    /// <summary>Every place of the variable that stands at a place.</summary>
    /// <param name="document">The document.</param>
    /// <param name="line">From 1.</param>
    /// <param name="column">From 1, in UTF-16 units; right behind the last letter counts as on the name.</param>
    public static RenameAnswer Find(DotpromptDocument document, int line, int column)
    {
        ArgumentNullException.ThrowIfNull(document);
        var offset = document.Lines.Offset(line, column);
        var places = Places(document);
        if (places.FirstOrDefault(place => place.Start <= offset && offset <= place.End) is not { } here)
        {
            return new([], "Only input variables can be renamed; put the cursor on one.");
        }

        return new([.. places.Where(place => place.Name == here.Name).Select(place => document.Lines.Range(place.Start, place.End)).Distinct()], null) { Name = here.Name };
    }

    /// <summary>The places to replace with <paramref name="newName"/>; refused when that is no name, means something already, or is another variable's.</summary>
    public static RenameAnswer Rename(DotpromptDocument document, int line, int column, string newName)
    {
        ArgumentNullException.ThrowIfNull(newName);
        var found = Find(document, line, column);
        if (found.Refusal is not null || found.Name == newName)
        {
            return found with { Places = [] };
        }

        if (!NamePattern().IsMatch(newName))
        {
            return new([], $"'{newName}' is no name of a variable: a letter or _, then letters, digits and _.");
        }

        if (s_reserved.Contains(newName) || Helper.All.Any(helper => helper.Name == newName))
        {
            return new([], $"'{newName}' is a word of the language.");
        }

        return Places(document).Any(place => place.Name == newName) ? new([], $"There is a variable '{newName}' already.") : found;
    }

    /// <summary>The same for a variable by its name, as edits.</summary>
    public static FieldEdit Rename(DotpromptDocument document, string name, string newName)
    {
        ArgumentNullException.ThrowIfNull(document);
        var places = Places(document).Where(place => place.Name == name).DistinctBy(place => place.Start).ToList();
        if (places.Count == 0)
        {
            return FieldEdit.Refused($"There is no variable '{name}'.");
        }

        var (line, column) = document.Lines.Position(places[0].Start);
        return Rename(document, line, column, newName).Refusal is { } refusal
            ? FieldEdit.Refused(refusal)
            : new FieldEdit([.. places.Select(place => new TextEdit(place.Start, place.End, newName))], null);
    }

    private static List<VariableUse> Places(DotpromptDocument document)
    {
        var frontmatter = new FrontmatterAnalyzer(document, new AnalysisContext(), new DiagnosticSink(document));
        frontmatter.Analyze();
        var walker = new TemplateWalker(document, frontmatter.InputSchema);
        walker.Walk();
        List<VariableUse> places = [.. walker.Variables.Select(use => At(use.Name, use.Start, use.End, document.Source)).OfType<VariableUse>()];
        if (document.Frontmatter is YamlMapping root && root.Find("input")?.Value is YamlMapping input)
        {
            places.AddRange(Keys(input.Find("default")?.Value, document.Source));
            places.AddRange(SchemaKeys(input.Find("schema")?.Value, document.Source));
        }

        return places;
    }

    private static IEnumerable<VariableUse> SchemaKeys(YamlNode? schema, string source)
    {
        if (schema is not YamlMapping mapping || mapping.Find("properties") is not { Value: YamlMapping properties })
        {
            return Keys(schema, source);
        }

        var required = mapping.Find("required")?.Value is YamlSequence list ? list.Items.OfType<YamlScalar>() : [];
        return Keys(properties, source).Concat(required.Select(item => Named(item, item.Text, source)).OfType<VariableUse>());
    }

    /// <summary>Keys of a mapping; of Picoschema's <c>name?(array, what it is)</c> only the name.</summary>
    private static IEnumerable<VariableUse> Keys(YamlNode? node, string source) =>
        (node as YamlMapping)?.Entries.Select(entry => Named(entry.Key, entry.Key.Text.Split('(')[0].TrimEnd('?'), source)).OfType<VariableUse>() ?? [];

    private static VariableUse? Named(YamlScalar scalar, string name, string source) => At(name, scalar.Start, Math.Min(scalar.End, source.Length), source);

    /// <summary>The name itself, without the quotes or brackets around it.</summary>
    private static VariableUse? At(string name, int start, int end, string source)
    {
        var at = name.Length == 0 || start >= end ? -1 : source.IndexOf(name, start, end - start, StringComparison.Ordinal);
        return at < 0 ? null : new VariableUse(name, at, at + name.Length);
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,99}\z")]
    private static partial Regex NamePattern();
}
