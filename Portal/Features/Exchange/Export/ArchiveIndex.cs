using Portal.Features.Exchange.Reading;

namespace Portal.Features.Exchange.Export;

/// <param name="Number">As it was numbered where it comes from.</param>
/// <param name="File">Path in the archive.</param>
internal sealed record IndexedRevision(int Number, string File, string Hash, string Author, string Message, string Source, DateTime CreatedAt);

/// <param name="File">Path in the archive of what the prompt is: its draft, else what is published.</param>
/// <param name="IsDraft">Whether that is a draft.</param>
/// <param name="Published">Path of what is published where <paramref name="File"/> is a draft; null when nothing is.</param>
internal sealed record IndexedPrompt(string Name, string File, bool IsDraft, string? Published, IReadOnlyList<IndexedRevision> Revisions);

/// <param name="File">Path in the archive.</param>
internal sealed record IndexedPartial(string Name, string File);

/// <summary>What an archive of a namespace says about its files, in <c>genkit-prompts.json</c>; without it the <c>.prompt</c> files are prompts all the same.</summary>
internal sealed record ArchiveIndex(int Version, string Namespace, IReadOnlyList<IndexedPrompt> Prompts)
{
    public IReadOnlyList<IndexedPartial> Partials { get; init; } = [];

    public const string FileName = "genkit-prompts.json";
    public const int Newest = 1;

    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null when there is none, or none that can be read.</summary>
    public static ArchiveIndex? Find(IReadOnlyList<SourceFile> files)
    {
        try
        {
            return files.FirstOrDefault(file => file.Path == FileName && file.Problem is null)?.Decode().Text is { } text
                && JsonSerializer.Deserialize<ArchiveIndex>(text, Options) is { Version: Newest, Prompts: not null } index
                && index.Prompts.All(prompt => prompt is { Name: not null, File: not null, Revisions: not null }) ? index : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The prompts of the archive, with their revisions as history.</summary>
    public IReadOnlyList<ForeignPrompt> Read(IReadOnlyList<SourceFile> files, string archive)
    {
        var byPath = files.GroupBy(file => file.Path, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var known = Prompts.SelectMany(prompt => prompt.Revisions.Select(revision => revision.File).Append(prompt.File).Append(prompt.Published ?? "")).Append(FileName).ToHashSet(StringComparer.Ordinal);
        known.UnionWith(Partials.Select(partial => partial.File));
        return [.. Prompts.Select(prompt => Read(prompt, byPath, archive)),
            .. Partials.Select(partial => Read(new IndexedPrompt(partial.Name, partial.File, false, null, []), byPath, archive) with { IsPartial = true }),
            .. files.Where(file => !known.Contains(file.Path)).Select(file => ForeignPrompt.Refused($"{archive}: {file.Path}", PromptFormat.Dotprompt, file.FileName,
                file.Problem ?? "The archive's index does not name it; it is left.") with { IsLeft = file.Problem is null })];
    }

    private static ForeignPrompt Read(IndexedPrompt prompt, Dictionary<string, SourceFile> files, string archive)
    {
        var source = $"{archive}: {prompt.File}";
        if (!files.TryGetValue(prompt.File, out var file))
        {
            return ForeignPrompt.Refused(source, PromptFormat.Dotprompt, prompt.Name, "The archive's index names this file, which is not there.");
        }

        var (text, problem) = file.Problem is { } damaged ? (null, damaged) : file.Decode();
        if (text is null)
        {
            return ForeignPrompt.Refused(source, PromptFormat.Dotprompt, prompt.Name, problem!);
        }

        var history = prompt.Revisions.OrderBy(revision => revision.Number)
            .Select(revision => (Revision: revision, Text: files.GetValueOrDefault(revision.File ?? "")?.Decode().Text)).ToList();
        var read = Formats.DotpromptFiles.Read($"{prompt.Name}{Formats.DotpromptFiles.Extension}", text, source);
        return read with
        {
            Notes = [.. read.Notes, .. history.Where(entry => entry.Text is null).Select(entry => new MappingNote(NoteKind.Lost, $"r{entry.Revision.Number}", "The archive holds no text of this revision."))],
            History = [.. history.Where(entry => entry.Text is not null).Select(entry =>
                new ForeignVersion(entry.Text!, $"r{entry.Revision.Number} by {entry.Revision.Author}{(string.IsNullOrEmpty(entry.Revision.Message) ? "" : $": {entry.Revision.Message}")}"))],
        };
    }
}
