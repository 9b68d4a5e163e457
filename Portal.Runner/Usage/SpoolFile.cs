using System.Buffers;

namespace Portal.Runner.Usage;

/// <summary>
/// One file of the spool: a record a line, as JSON. The process that has it open holds it alone; the lock goes with the process, also under
/// <c>kill -9</c>, and then another may take the file over. Not thread-safe.
/// </summary>
internal sealed class SpoolFile : IDisposable
{
    private const string Extension = ".usage";
    private readonly FileStream _file;
    private long _delivered;

    private SpoolFile(FileStream file)
    {
        _file = file;
        Length = file.Length;
    }

    public long Length { get; private set; }

    /// <summary>Bytes that wait to be delivered.</summary>
    public long Pending => Length - _delivered;

    /// <summary>Makes a file that sorts after all that were made before.</summary>
    public static SpoolFile Create(string directory) =>
        new(Open(Path.Combine(directory, Guid.CreateVersion7().ToString("N") + Extension), FileMode.CreateNew));

    /// <summary>Files that no living process holds, oldest first; now they are this one's.</summary>
    public static IEnumerable<SpoolFile> Adopt(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*" + Extension).Order(StringComparer.Ordinal))
        {
            SpoolFile? orphan = null;
            try
            {
                orphan = new SpoolFile(Open(path, FileMode.Open));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Held by its process, or taken by another meanwhile.
            }

            if (orphan is not null)
            {
                yield return orphan;
            }
        }
    }

    /// <summary>Writes whole lines. They survive the process at once, the machine after <see cref="Sync"/>.</summary>
    /// <exception cref="IOException">Nothing was added.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        RandomAccess.Write(_file.SafeFileHandle, lines, Length);
        Length += lines.Length;
    }

    public void Sync() => RandomAccess.FlushToDisk(_file.SafeFileHandle);

    /// <summary>The oldest undelivered lines; null when there are none. Lines that are no JSON, such as one that a crash cut off, are left out.</summary>
    public SpoolBatch? Peek(int maxRecords, int maxBytes)
    {
        while (Pending > 0)
        {
            var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(Pending, maxBytes));
            try
            {
                var read = RandomAccess.Read(_file.SafeFileHandle, buffer.AsSpan(0, (int)Math.Min(Pending, maxBytes)), _delivered);
                var batch = SpoolBatch.Read(buffer.AsSpan(0, read), _delivered, maxRecords);
                if (batch.Count > 0)
                {
                    return batch with { File = this };
                }

                _delivered = read == 0 ? Length : batch.End; // nothing but what a crash left
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return null;
    }

    /// <summary>What comes before <paramref name="end"/> need not be kept.</summary>
    public void Delivered(long end) => _delivered = Math.Max(_delivered, end);

    /// <summary>Frees the space of a file whose lines are all delivered.</summary>
    public void Reset()
    {
        _file.SetLength(0);
        (Length, _delivered) = (0, 0);
    }

    public void Delete()
    {
        File.Delete(_file.Name);
        Dispose();
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (mode == FileMode.CreateNew && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
