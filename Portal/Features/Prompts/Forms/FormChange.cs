using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;

namespace Portal.Features.Prompts.Forms;

/// <summary>What a form wants changed. Asked again when the text moved on meanwhile, so it says what shall be and not where.</summary>
public delegate FieldEdit FormChange(DotpromptDocument document);

/// <summary>The changes that fields of the form ask for.</summary>
internal static class FormChanges
{
    /// <summary>A text field; emptied, the key goes.</summary>
    public static FormChange Text(IReadOnlyList<string> path, string? text) =>
        document => string.IsNullOrEmpty(text) ? FrontmatterForm.Remove(document, path) : FrontmatterForm.Set(document, path, JsonValue.Create(text));

    /// <summary>Any value; null takes the key out.</summary>
    public static FormChange Value(IReadOnlyList<string> path, JsonNode? value) =>
        document => value is null ? FrontmatterForm.Remove(document, path) : FrontmatterForm.Set(document, path, value);

    /// <summary>Names of tools as they shall be; those that stay keep their place and style.</summary>
    public static FormChange Tools(IReadOnlyList<string> names) => document =>
    {
        var source = document.Source;
        List<TextEdit> edits = [];
        var now = document;
        while (now.Metadata.Tools.ToList().FindIndex(name => !names.Contains(name)) is >= 0 and var index)
        {
            if (Take(FrontmatterForm.RemoveItem(now, ["tools"], index)) is { } refusal)
            {
                return refusal;
            }
        }

        foreach (var name in names.Where(name => !document.Metadata.Tools.Contains(name)))
        {
            if (Take(FrontmatterForm.AddItem(now, ["tools"], JsonValue.Create(name))) is { } refusal)
            {
                return refusal;
            }
        }

        return new FieldEdit(now == document ? [] : [TextEdit.Between(source, now.Source)], null);

        FieldEdit? Take(FieldEdit edit)
        {
            if (edit.Refusal is not null)
            {
                return edit;
            }

            now = DotpromptDocument.Parse(TextEdit.Apply(now.Source, edit.Edits));
            return edit.Edits.Count == 0 ? new FieldEdit([], "This list can only be edited in the source.") : null;
        }
    };

    /// <summary>A field's new name, in the schema, its default and wherever the template uses it.</summary>
    public static FormChange Rename(string section, string name, string newName) => document =>
    {
        var grid = SchemaGrid.Read(document, section);
        if (grid.Fields.FirstOrDefault(field => field.Name == name) is not { } field)
        {
            return new FieldEdit([], null);
        }

        var alone = SchemaGrid.Change(document, section, field, field with { Name = newName });
        if (section != "input" || alone.Refusal is not null)
        {
            return alone;
        }

        var renamed = VariableRename.Rename(document, name, newName);
        return renamed.Refusal is { } refusal ? new FieldEdit([], refusal) : new FieldEdit(renamed.Edits, null);
    };
}
