using System.IO.Compression;

namespace Portal.Features.Exchange.Reading;

/// <summary>
/// Reads a zip in memory; nothing is ever written to a path it names. What an archive says about its sizes is not believed: bytes are counted as they
/// come, and the reading stops at the limits of <see cref="ExchangeLimits"/>.
/// </summary>
internal static class ArchiveReader
{
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int Directory = 0x4000;

    public static bool IsArchive(ReadOnlySpan<byte> content) => content.StartsWith("PK\u0003\u0004"u8) || content.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Its files in their order; those that are not read carry the reason.</summary>
    public static IReadOnlyList<SourceFile> Read(SourceFile archive)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(archive.Content, writable: false), ZipArchiveMode.Read);
            return zip.Entries.Count > ExchangeLimits.Files
                ? [SourceFile.Refused(archive.Path, $"The archive has {zip.Entries.Count:N0} entries; at most {ExchangeLimits.Files:N0} are read. Divide it.")]
                : ReadEntries(zip);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            return [SourceFile.Refused(archive.Path, "This is not a zip archive that can be read: it is damaged, encrypted or packed in an unusual way. Pack it again.")];
        }
    }

    private static List<SourceFile> ReadEntries(ZipArchive zip)
    {
        var (files, seen, left) = (new List<SourceFile>(), new HashSet<string>(StringComparer.Ordinal), (long)ExchangeLimits.Unpacked);
        foreach (var entry in zip.Entries)
        {
            if (entry.FullName.EndsWith('/') || IsOfATool(entry.FullName))
            {
                continue;
            }

            var file = Mistake(entry, seen) is { } mistake ? SourceFile.Refused(Printable(entry.FullName), mistake) : ReadEntry(entry, ref left);
            files.Add(file);
            if (left < 0)
            {
                files[^1] = SourceFile.Refused(file.Path, $"Unpacked, the archive has more than {ExchangeLimits.Unpacked:N0} bytes; this file and those after it were not read. Divide it.");
                break;
            }
        }

        return files;
    }

    private static string? Mistake(ZipArchiveEntry entry, HashSet<string> seen)
    {
        var path = entry.FullName;
        var type = (entry.ExternalAttributes >> 16) & TypeMask;
        return path.Any(char.IsControl) ? "Its name holds control characters. Rename it."
            : path.StartsWith('/') || path.Contains('\\', StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal) || path.Split('/').Any(static part => part is ".." or "." or "")
                ? "Its path leads out of the archive. Pack it with plain relative paths."
            : type is not (0 or RegularFile or Directory) ? "It is a link or a device, not a file. Pack the file itself."
            : entry.IsEncrypted ? "It is encrypted. Pack it without a password."
            : !seen.Add(path) ? "A file of the same name comes before it in the archive. Remove one of them."
            : path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? "An archive in an archive is not read. Unpack it first."
            : null;
    }

    private static SourceFile ReadEntry(ZipArchiveEntry entry, ref long left)
    {
        try
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            var (buffer, packed) = (new byte[16 * 1024], Math.Max(1, entry.CompressedLength));
            for (int count; (count = stream.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, count);
                left -= count;
                if (content.Length > ExchangeLimits.File)
                {
                    return SourceFile.Refused(entry.FullName, $"Unpacked, it has more than {ExchangeLimits.File:N0} bytes. Divide it.");
                }

                if (content.Length > ExchangeLimits.RatioFrom && content.Length / packed > ExchangeLimits.Ratio)
                {
                    return SourceFile.Refused(entry.FullName, $"It unpacks to more than {ExchangeLimits.Ratio} times its size, which no prompt does. Send it unpacked.");
                }

                if (left < 0)
                {
                    break;
                }
            }

            return new SourceFile(entry.FullName, content.ToArray());
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException)
        {
            return SourceFile.Refused(entry.FullName, "It is damaged, or packed in an unusual way. Pack it again.");
        }
    }

    /// <summary>What archivers and editors leave behind is nobody's prompt.</summary>
    private static bool IsOfATool(string path) =>
        path.StartsWith("__MACOSX/", StringComparison.Ordinal) || path.EndsWith("/.DS_Store", StringComparison.Ordinal) || path is ".DS_Store";

    private static string Printable(string path) => string.Concat(path.Select(static character => char.IsControl(character) ? '\uFFFD' : character));
}
