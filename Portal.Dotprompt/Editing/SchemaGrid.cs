using System.Text.RegularExpressions;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Schemas;

namespace Portal.Dotprompt.Editing;

/// <summary>The input or output schema of a document as rows. Every change keeps to the lines of its field, or is refused in a sentence.</summary>
public sealed partial record SchemaGrid(IReadOnlyList<SchemaField> Fields, string? Refusal)
{
    private static readonly string[] s_complex = ["array", "object", "enum"];

    /// <param name="document">The document.</param>
    /// <param name="section"><c>input</c> or <c>output</c>.</param>
    public static SchemaGrid Read(DotpromptDocument document, string section)
    {
        ArgumentNullException.ThrowIfNull(document);
        switch (FrontmatterWriter.Find(document.Frontmatter, [section, "schema"])?.Value)
        {
            case null or YamlScalar { Value: null }:
                return new([], null);
            case YamlMapping mapping when mapping.Find("type") is { Value: YamlScalar { Value: string type } } && (type is "object" or "array" || Picoschema.ScalarTypes.Contains(type)):
            case YamlMapping when FrontmatterWriter.Find(document.Frontmatter, [section, "schema", "properties"])?.Value is YamlMapping:
                return new([], "This schema is written as JSON Schema, which the form does not take apart. Edit it in the source.");
            case YamlMapping mapping:
                return new([.. mapping.Entries.Select(Field)], null);
            default:
                return new([], "This schema is a single type and not a set of fields. Edit it in the source.");
        }
    }

    /// <summary>Puts a new field behind the others.</summary>
    public static FieldEdit Add(DotpromptDocument document, string section, SchemaField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var grid = Read(document, section);
        return Problem(grid, field, null) is { } problem
            ? FieldEdit.Refused(problem)
            : Tried(document, section, FrontmatterForm.Set(document, [section, "schema", KeyOf(field)], ValueOf(field)), field);
    }

    /// <summary>Changes what a field says; its name too, but only in the schema.</summary>
    public static FieldEdit Change(DotpromptDocument document, string section, SchemaField before, SchemaField after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.Means(after))
        {
            return new FieldEdit([], null);
        }

        var grid = Read(document, section);
        if (Problem(grid, after, before) is { } problem)
        {
            return FieldEdit.Refused(problem);
        }

        var value = after.Type == SchemaField.Nested ? NestedValue(before, after) : ValueOf(after);
        return Tried(document, section, FrontmatterForm.Replace(document, [section, "schema", before.Key], KeyOf(after), value), after);
    }

    /// <summary>Takes a field out, with its default.</summary>
    public static FieldEdit Remove(DotpromptDocument document, string section, SchemaField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var schema = FrontmatterForm.Remove(document, [section, "schema", field.Key]);
        return section != "input" || FrontmatterForm.Get(document, "input", "default", field.Name) is null
            ? schema
            : FrontmatterForm.Both(schema, FrontmatterForm.Remove(document, ["input", "default", field.Name]));
    }

    /// <summary>The text an author types for a choice, as the value it stands for.</summary>
    public static JsonArray ChoicesOf(string text, SchemaField before)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(before);
        return [.. text.Split(['\n', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()
            .Select(choice => before.Choices.FirstOrDefault(known => known?.ToString() == choice)?.DeepClone() ?? choice)];
    }

    private static SchemaField Field(YamlEntry entry)
    {
        var (key, value) = (entry.Key.Text, entry.Value.ToJson());
        var pieces = key.Split('(');
        var isOptional = pieces[0].EndsWith('?');
        var field = new SchemaField { Name = isOptional ? pieces[0][..^1] : pieces[0], Type = SchemaField.Nested, IsOptional = isOptional, Key = key, Value = value };
        if (pieces.Length > 1)
        {
            var (complex, words) = Split(pieces[1].Length > 0 ? pieces[1][..^1] : "");
            field = field with { Description = words };
            return (complex, value) switch
            {
                ("enum", JsonArray choices) => field with { Type = "enum", Choices = (JsonArray)choices.DeepClone() },
                ("array", JsonValue item) when Scalar(item) is { } type && Picoschema.ScalarTypes.Contains(type) => field with { Type = "array", ItemType = type },
                _ => field,
            };
        }

        var (name, description) = Split(value is JsonValue scalar ? Scalar(scalar) ?? "" : "");
        return SchemaField.Types.Contains(name) && !s_complex.Contains(name) && name != SchemaField.Nested ? field with { Type = name, Description = description } : field;
    }

    private static string? Problem(SchemaGrid grid, SchemaField field, SchemaField? before) => field switch
    {
        _ when grid.Refusal is { } refusal => refusal,
        _ when field.Name != before?.Name && !NamePattern().IsMatch(field.Name) => $"“{Shown(field.Name)}” is no name of a field: a letter or _, then letters, digits and _.",
        _ when grid.Fields.Any(other => other.Name == field.Name && other.Key != before?.Key) => $"There is a field “{field.Name}” already.",
        { Description: { } words } when words.AsSpan().IndexOfAny('\n', '\r') >= 0 => "A description stands on one line.",
        { Type: "enum", Choices.Count: 0 } => "A choice needs values to choose from.",
        { Type: "enum" or "array" or SchemaField.Nested, Description: { } words } when words.AsSpan().IndexOfAny('(', ')') >= 0 => "The description of a choice, list or object cannot hold parentheses.",
        _ => null,
    };

    /// <summary>The words may have been lost on the way, as by a comma at their start.</summary>
    private static FieldEdit Tried(DotpromptDocument document, string section, FieldEdit edit, SchemaField wanted) =>
        edit.Refusal is not null || Read(DotpromptDocument.Parse(TextEdit.Apply(document.Source, edit.Edits)), section).Fields.Any(wanted.Means)
            ? edit
            : FieldEdit.Refused("The short notation cannot hold this; write it as JSON Schema in the source.");

    private static string KeyOf(SchemaField field)
    {
        var name = field.Name + (field.IsOptional ? "?" : "");
        var words = field.Description is null ? "" : $", {field.Description}";
        return field.Type switch
        {
            "enum" or "array" => $"{name}({field.Type}{words})",
            SchemaField.Nested when field.Key.Split('(') is [_, var inside, ..] => $"{name}({Split(inside.TrimEnd(')')).Type}{words})",
            _ => name,
        };
    }

    private static JsonNode ValueOf(SchemaField field) => field.Type switch
    {
        "enum" => field.Choices.DeepClone(),
        "array" => JsonValue.Create(field.ItemType),
        SchemaField.Nested => field.Value?.DeepClone() ?? new JsonObject(),
        _ => JsonValue.Create(field.Description is null ? field.Type : $"{field.Type}, {field.Description}"),
    };

    /// <summary>What a nested field is stays as written; another field becomes an object that the source fills.</summary>
    private static JsonNode? NestedValue(SchemaField before, SchemaField after) => before.Type == SchemaField.Nested ? null : ValueOf(after with { Value = null });

    private static (string Type, string? Description) Split(string text)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        var words = comma < 0 ? "" : text[(comma + 1)..].TrimStart();
        return comma < 0 ? (text, null) : (text[..comma], words.Length == 0 ? null : words);
    }

    private static string? Scalar(JsonValue value) => value.TryGetValue<string>(out var text) ? text : null;

    private static string Shown(string name) => name.Length <= 40 ? name : name[..40] + "…";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,99}\z")]
    private static partial Regex NamePattern();
}
