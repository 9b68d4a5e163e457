using System.IO.Compression;
using System.Text;

namespace Portal.Features.Exchange.Export;

/// <summary>
/// Prompts of a namespace as a zip: each text byte for byte as a <c>.prompt</c> file, partials as <c>_name.prompt</c>, revisions beside them, and an index. The
/// same prompts give the same bytes.
/// </summary>
internal static class ArchiveWriter
{
    /// <summary>The earliest time a zip can say: when it was packed must not make it another file.</summary>
    private static readonly DateTimeOffset s_time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Write(string @namespace, IReadOnlyList<ExportSource> prompts, IReadOnlyDictionary<string, string> partials)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var index = new ArchiveIndex(ArchiveIndex.Newest, @namespace, [.. prompts.OrderBy(prompt => prompt.Name, StringComparer.Ordinal).Select(prompt => Add(files, prompt))])
        {
            Partials = [.. partials.Keys.Order(StringComparer.Ordinal).Select(name => new IndexedPartial(name, $"partials/_{name}.prompt"))],
        };
        foreach (var (name, text) in partials)
        {
            files[$"partials/_{name}.prompt"] = text;
        }

        files[ArchiveIndex.FileName] = JsonSerializer.Serialize(index, ArchiveIndex.Options) + "\n";
        using var content = new MemoryStream();
        using (var zip = new ZipArchive(content, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                var entry = zip.CreateEntry(path, CompressionLevel.Optimal);
                entry.LastWriteTime = s_time;
                using var stream = entry.Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return content.ToArray();
    }

    private static IndexedPrompt Add(SortedDictionary<string, string> files, ExportSource prompt)
    {
        var file = $"prompts/{prompt.Name}.prompt";
        files[file] = prompt.Text;
        var published = prompt.Draft is not null && prompt.Published is not null ? $"published/{prompt.Name}.prompt" : null;
        if (published is not null)
        {
            files[published] = prompt.Published!;
        }

        return new IndexedPrompt(prompt.Name, file, prompt.Draft is not null, published, [.. prompt.Revisions.Select(revision =>
        {
            var path = $"revisions/{prompt.Name}/r{revision.Entry.Number:D4}.prompt";
            files[path] = revision.Content;
            return new IndexedRevision(
                revision.Entry.Number, path, revision.Entry.Hash, revision.Entry.Author, revision.Entry.Message, revision.Entry.Source, revision.Entry.CreatedAt);
        })]);
    }
}
