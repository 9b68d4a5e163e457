using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;

namespace Portal.Features.Exchange.Formats;

/// <summary>
/// <c>.prompt</c> files by the naming of Dotprompt: <c>name.prompt</c>, <c>name.variant.prompt</c>, <c>_partial.prompt</c>, folders as part of the name.
/// The text is taken byte for byte.
/// </summary>
internal static class DotpromptFiles
{
    public const string Extension = ".prompt";

    /// <summary>The text with <c>partial: true</c> in its frontmatter; as it is where that is there, or where the frontmatter is too broken to tell.</summary>
    public static string MarkPartial(string text)
    {
        var document = DotpromptDocument.Parse(text);
        if (document.Metadata.Raw is not { } raw)
        {
            return document.Diagnostics.Count > 0 ? text : $"---\npartial: true\n---\n{text}";
        }

        var open = text.IndexOf("---", StringComparison.Ordinal);
        var line = text.AsSpan(open).IndexOf('\n');
        return raw.ContainsKey("partial") || line < 0 ? text : text.Insert(open + line + 1, "partial: true\n");
    }

    /// <param name="path">Below the folder all files have in common.</param>
    /// <param name="text">The document.</param>
    /// <param name="source">Where it is.</param>
    public static ForeignPrompt Read(string path, string text, string source)
    {
        var notes = new List<MappingNote>();
        var stem = path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? path[..^Extension.Length] : path;
        var (folder, file) = stem.LastIndexOf('/') is >= 0 and var slash ? (stem[..slash], stem[(slash + 1)..]) : ("", stem);
        var isPartial = file.StartsWith('_');
        var name = $"{(folder.Length > 0 ? $"{folder}-" : "")}{file.TrimStart('_')}";
        if (folder.Length > 0)
        {
            notes.Add(new MappingNote(NoteKind.Warning, "file name", $"The folder {folder} becomes part of the name."));
        }

        if (file.TrimStart('_').Split('.') is [var plain, var variant] && plain.Length > 0)
        {
            notes.Add(new MappingNote(NoteKind.Became, "file name", $"The variant {variant} of {plain} is a prompt of its own: an object's name has no dot."));
        }

        if (text.StartsWith('\uFEFF'))
        {
            notes.Add(new MappingNote(NoteKind.Warning, "text", "It begins with a byte order mark, which is kept. Format the document in the editor to remove it."));
        }

        if (text.Contains("\r\n", StringComparison.Ordinal))
        {
            notes.Add(new MappingNote(NoteKind.Warning, "text", "Its lines end with CR LF, which is kept."));
        }

        var document = DotpromptDocument.Parse(text);
        notes.AddRange(document.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)
            .Select(found => new MappingNote(NoteKind.Warning, $"line {found.Range.StartLine}", $"{found.Message} It can be mended in the draft.")));
        if (document.Metadata.Name is { } named && named != name)
        {
            notes.Add(new MappingNote(NoteKind.Warning, "name", $"The document calls itself “{named}”; the object's name is what counts."));
        }

        return new ForeignPrompt(source, PromptFormat.Dotprompt, name) { Content = text, IsPartial = isPartial, Notes = notes };
    }
}
