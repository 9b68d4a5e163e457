using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;

namespace Portal.Dotprompt.Editing;

/// <summary>
/// Changes single values of a document's frontmatter in place. Every answer was tried: the edited text reads back as what was asked for with nothing
/// else changed, and where that cannot be had (an alias, a tag, a broken frontmatter), the answer is a refusal. Never throws, whatever the text.
/// </summary>
public static class FrontmatterForm
{
    private const string InSource = "The form cannot write this without touching other lines; edit it in the source.";

    /// <summary>The value at a path of keys as JSON; null when there is none.</summary>
    public static JsonNode? Get(DotpromptDocument document, params IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(document);
        return FrontmatterWriter.Find(document.Frontmatter, path)?.Value.ToJson();
    }

    /// <summary>Gives the value at a path of keys; those that are missing are put in.</summary>
    public static FieldEdit Set(DotpromptDocument document, IReadOnlyList<string> path, JsonNode value) =>
        Change(document, writer => writer.Set(path, value), root => Put(root, path, value));

    /// <summary>Takes the value at a path out, and what is empty then.</summary>
    public static FieldEdit Remove(DotpromptDocument document, IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(document);
        IReadOnlyList<string> removed = path;
        return FrontmatterWriter.Find(document.Frontmatter, path) is null ? new FieldEdit([], null) : Change(
            document,
            writer =>
            {
                (var edit, removed) = writer.Remove(path);
                return edit;
            },
            root => Take(root, removed));
    }

    /// <summary>Adds to the list at a path.</summary>
    public static FieldEdit AddItem(DotpromptDocument document, IReadOnlyList<string> path, JsonNode item) =>
        Change(document, writer => writer.AddItem(path, item), root => Put(root, path, new JsonArray([.. Items(root, path), item.DeepClone()])));

    /// <summary>Takes an item, counted from 0, out of the list at a path, and the list when it was the last one.</summary>
    public static FieldEdit RemoveItem(DotpromptDocument document, IReadOnlyList<string> path, int index)
    {
        IReadOnlyList<string>? removed = null;
        return Change(
            document,
            writer =>
            {
                (var edit, removed) = writer.RemoveItem(path, index);
                return edit;
            },
            root =>
            {
                if (removed is not null)
                {
                    Take(root, removed);
                }
                else
                {
                    Put(root, path, new JsonArray([.. Items(root, path).Where((_, place) => place != index)]));
                }
            });
    }

    /// <summary>Gives an entry another key and, unless it is null, another value.</summary>
    internal static FieldEdit Replace(DotpromptDocument document, IReadOnlyList<string> path, string key, JsonNode? value)
    {
        if (FrontmatterWriter.Find(document.Frontmatter, path) is not { } entry)
        {
            return FieldEdit.Refused(InSource);
        }

        var writer = new FrontmatterWriter(document);
        List<TextEdit?> edits = [];
        if (key != path[^1])
        {
            edits.Add(writer.Rename(entry, key, writer.IsInFlow(path)));
        }

        if (value is not null && !JsonNode.DeepEquals(value, entry.Value.ToJson()))
        {
            edits.Add(writer.Set(path, value));
        }

        return Tried(document, edits, root =>
        {
            var parent = Around(root, path);
            var pairs = parent.ToList();
            parent.Clear();
            foreach (var (name, old) in pairs)
            {
                parent[name == path[^1] ? key : name] = name == path[^1] && value is not null ? value.DeepClone() : old;
            }
        });
    }

    internal static FieldEdit Both(FieldEdit first, FieldEdit second) => new([.. first.Edits, .. second.Edits], first.Refusal ?? second.Refusal);

    private static FieldEdit Change(DotpromptDocument document, Func<FrontmatterWriter, TextEdit?> edit, Action<JsonObject> expect)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document.Diagnostics.FirstOrDefault(found => found.Severity == DiagnosticSeverity.Error) is { } error
            ? FieldEdit.Refused($"The frontmatter cannot be read, so the form cannot change it; mend line {error.Range.StartLine} in the source first.")
            : Tried(document, [edit(new FrontmatterWriter(document))], expect);
    }

    /// <summary>The proof: the edited text reads as the old values with the change made, and its template is the same.</summary>
    private static FieldEdit Tried(DotpromptDocument document, IReadOnlyList<TextEdit?> edits, Action<JsonObject> expect)
    {
        if (edits.Any(edit => edit is null))
        {
            return FieldEdit.Refused(InSource);
        }

        var expected = document.Frontmatter?.ToJson() as JsonObject ?? [];
        expect(expected);
        TextEdit[] found = [.. edits.OfType<TextEdit>().Where(edit => document.Source[edit.Start..edit.End] != edit.NewText)];
        var result = DotpromptDocument.Parse(TextEdit.Apply(document.Source, found));
        var isSame = result.Diagnostics.Count == 0 && JsonNode.DeepEquals(result.Frontmatter?.ToJson() ?? new JsonObject(), expected)
            && (!document.Parts.HasFrontmatter || result.Template == document.Template);
        return isSame ? new FieldEdit(found, null) : FieldEdit.Refused(InSource);
    }

    private static IEnumerable<JsonNode?> Items(JsonObject root, IReadOnlyList<string> path) =>
        Around(root, path)[path[^1]] is JsonArray list ? list.Select(item => item?.DeepClone()) : [];

    private static JsonObject Around(JsonObject root, IReadOnlyList<string> path)
    {
        foreach (var key in path.SkipLast(1))
        {
            if (root[key] is not JsonObject inner)
            {
                root[key] = inner = [];
            }

            root = inner;
        }

        return root;
    }

    private static void Put(JsonObject root, IReadOnlyList<string> path, JsonNode? value) => Around(root, path)[path[^1]] = value?.DeepClone();

    private static void Take(JsonObject root, IReadOnlyList<string> path)
    {
        var around = Around(root, path);
        around.Remove(path[^1]);
        if (around.Count == 0 && path.Count > 1)
        {
            // Only comments are left in it, so that it reads as empty.
            Put(root, [.. path.SkipLast(1)], null);
        }
    }
}
