namespace Portal.Runner.Usage;

/// <summary>
/// Records that wait for the portal, in files of a folder that several runners may share. What was appended survives the end of the process, however
/// it ends: the files of a process that is gone are taken over by the next one that looks. Thread-safe.
/// </summary>
internal sealed class UsageSpool : IDisposable
{
    private const long FileBytes = 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly string _directory;
    private readonly long _maxBytes;
    private readonly LinkedList<SpoolFile> _files; // the last one is written
    private long _unsynced;

    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be used.</exception>
    public UsageSpool(string directory, long maxBytes)
    {
        (_directory, _maxBytes) = (directory, maxBytes);
        CreatePrivate(directory);
        _files = new LinkedList<SpoolFile>(SpoolFile.Adopt(directory));
        _files.AddLast(SpoolFile.Create(directory));
    }

    /// <summary>Bytes that wait.</summary>
    public long Pending
    {
        get
        {
            lock (_lock)
            {
                return _files.Sum(static file => file.Pending);
            }
        }
    }

    /// <summary>Adds whole lines. Returns how many bytes of the oldest records had to go for them.</summary>
    /// <exception cref="IOException">Nothing was added.</exception>
    public long Append(ReadOnlySpan<byte> lines)
    {
        lock (_lock)
        {
            if (_files.Last!.Value.Length >= FileBytes)
            {
                _files.Last.Value.Sync();
                _files.AddLast(SpoolFile.Create(_directory));
            }

            _files.Last.Value.Append(lines);
            _unsynced += lines.Length;
            return MakeRoom();
        }
    }

    /// <summary>The oldest records; null when none wait.</summary>
    public SpoolBatch? Peek(int maxRecords, int maxBytes)
    {
        lock (_lock)
        {
            while (_files.First is { } first)
            {
                if (first.Value.Peek(maxRecords, maxBytes) is { } batch)
                {
                    return batch;
                }

                if (first == _files.Last)
                {
                    return null;
                }

                RemoveFirst();
            }

            return null;
        }
    }

    /// <summary>The records of <paramref name="batch"/> need not be kept.</summary>
    public void Delivered(SpoolBatch batch)
    {
        lock (_lock)
        {
            if (_files.Find(batch.File!) is not { } node)
            {
                return; // dropped meanwhile, for room
            }

            node.Value.Delivered(batch.End);
            if (node.Value.Pending > 0)
            {
                return;
            }

            if (node == _files.Last)
            {
                node.Value.Reset();
                _unsynced = 0;
            }
            else
            {
                _files.Remove(node);
                node.Value.Delete();
            }
        }
    }

    /// <summary>Makes sure that what waits survives a loss of power.</summary>
    public void Sync()
    {
        lock (_lock)
        {
            if (_unsynced > 0)
            {
                _files.Last!.Value.Sync();
                _unsynced = 0;
            }
        }
    }

    /// <summary>Takes over the files of processes that are gone.</summary>
    public void Adopt()
    {
        lock (_lock)
        {
            foreach (var orphan in SpoolFile.Adopt(_directory))
            {
                _files.AddFirst(orphan);
            }
        }
    }

    /// <summary>Keeps what waits for the next process, and leaves nothing when nothing waits.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var file in _files)
            {
                if (file.Pending == 0)
                {
                    file.Delete();
                }
                else
                {
                    file.Dispose();
                }
            }

            _files.Clear();
        }
    }

    private long MakeRoom()
    {
        var dropped = 0L;
        while (_files.Count > 1 && _files.Sum(static file => file.Length) > _maxBytes)
        {
            dropped += _files.First!.Value.Pending;
            RemoveFirst();
        }

        return dropped;
    }

    private void RemoveFirst()
    {
        _files.First!.Value.Delete();
        _files.RemoveFirst();
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
