namespace Portal.Features.Flows.Logs;

/// <summary>A line that is kept for show.</summary>
public sealed record LogEntry(LogLevelFilter Level, string Text);

/// <summary>Lines that are shown together; one that is full never changes again, so that a page sends each line to its browser once.</summary>
public sealed record LogChunk(long Id, IReadOnlyList<LogEntry> Lines);

/// <summary>The newest lines of a log, in chunks. Bounded; what falls out is counted. Thread-safe.</summary>
public sealed class LogBuffer
{
    public const int ChunkSize = 50;
    public const int MaxChunks = 40;

    private readonly Lock _gate = new();
    private readonly Queue<LogChunk> _full = new();
    private readonly Queue<LogEntry> _held = new();
    private List<LogEntry> _last = [];
    private long _next;
    private bool _paused;

    /// <summary>Lines that are not kept any more.</summary>
    public long Dropped { get; private set; }

    /// <summary>Lines that came while it was paused and wait to be shown.</summary>
    public int Held
    {
        get
        {
            lock (_gate)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>While it is paused what is shown stays as it is.</summary>
    public bool IsPaused
    {
        get => _paused;
        set
        {
            lock (_gate)
            {
                _paused = value;
                while (!_paused && _held.TryDequeue(out var entry))
                {
                    Show(entry);
                }
            }
        }
    }

    public void Add(LogEntry entry)
    {
        lock (_gate)
        {
            if (!_paused)
            {
                Show(entry);
                return;
            }

            _held.Enqueue(entry);
            if (_held.Count > ChunkSize * MaxChunks)
            {
                _held.Dequeue();
                Dropped++;
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _full.Clear();
            _held.Clear();
            _last = [];
            Dropped = 0;
        }
    }

    /// <summary>What is shown now, oldest first.</summary>
    public IReadOnlyList<LogChunk> Chunks()
    {
        lock (_gate)
        {
            return _last.Count == 0 ? [.. _full] : [.. _full, new LogChunk(_next, [.. _last])];
        }
    }

    private void Show(LogEntry entry)
    {
        _last.Add(entry);
        if (_last.Count < ChunkSize)
        {
            return;
        }

        _full.Enqueue(new LogChunk(_next++, _last));
        _last = [];
        if (_full.Count >= MaxChunks)
        {
            Dropped += _full.Dequeue().Lines.Count;
        }
    }
}
