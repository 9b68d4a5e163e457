using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Portal.Kubernetes.Runtime;

/// <summary>
/// A queue of keys to work on. An item waits in it at most once, is never handed to two takers at the same time, and one added while being worked
/// on is handed out again afterwards. A delayed item keeps its earliest time; handing it out sooner cancels the delay, as whoever takes it decides
/// anew. Thread-safe.
/// </summary>
/// <param name="initialBackoff">Delay after the first failure of an item; doubled by each further one.</param>
/// <param name="maxBackoff">No delay of a retry is longer.</param>
/// <param name="name">For metrics.</param>
public sealed class WorkQueue<T>(TimeProvider timeProvider, TimeSpan initialBackoff, TimeSpan maxBackoff, string name) : IDisposable where T : notnull
{
    /// <summary>Timers take no more than about 49 days; looking again sooner does no harm.</summary>
    private static readonly TimeSpan s_maxTimer = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly Channel<T> _ready = Channel.CreateUnbounded<T>();
    private readonly HashSet<T> _waiting = [];
    private readonly HashSet<T> _working = [];
    private readonly Dictionary<T, int> _failures = [];
    private readonly Dictionary<T, DateTimeOffset> _due = [];
    private readonly PriorityQueue<T, DateTimeOffset> _delayed = new();
    private readonly KeyValuePair<string, object?> _tag = new("queue", name);
    private ITimer? _timer;
    private bool _stopped;

    public WorkQueue(TimeProvider timeProvider, string name)
        : this(timeProvider, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1), name)
    {
    }

    /// <summary>Items ready or being worked on; delayed ones do not count.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count + _working.Count(item => !_waiting.Contains(item));
            }
        }
    }

    /// <summary>Items whose last try failed and that have not succeeded since.</summary>
    public int Failing
    {
        get
        {
            lock (_lock)
            {
                return _failures.Count;
            }
        }
    }

    public void Add(T item)
    {
        lock (_lock)
        {
            AddLocked(item);
        }
    }

    /// <summary>Adds the item once <paramref name="delay"/> is over, unless it is due sooner already.</summary>
    public void AddAfter(T item, TimeSpan delay)
    {
        lock (_lock)
        {
            AddAfterLocked(item, delay);
        }
    }

    /// <summary>Adds the item after a delay that grows with each call for it until <see cref="Forget"/>.</summary>
    public void Retry(T item)
    {
        lock (_lock)
        {
            var failures = _failures.GetValueOrDefault(item);
            _failures[item] = failures + 1;
            KubeMetrics.QueueRetries.Add(1, _tag);
            AddAfterLocked(item, ExponentialBackoff.After(initialBackoff, maxBackoff, failures));
        }
    }

    /// <summary>The item succeeded: its next failure is its first again.</summary>
    public void Forget(T item)
    {
        lock (_lock)
        {
            _failures.Remove(item);
        }
    }

    /// <summary>The next item; call <see cref="Done"/> with it afterwards. <c>false</c> once the queue is stopped.</summary>
    [SuppressMessage("Reliability", "CA2016", Justification = "TryRead does not wait.")]
    public async ValueTask<(bool Found, T Item)> TakeAsync(CancellationToken cancellationToken)
    {
        while (await _ready.Reader.WaitToReadAsync(cancellationToken))
        {
            lock (_lock)
            {
                if (!_stopped && _ready.Reader.TryRead(out var item))
                {
                    _waiting.Remove(item);
                    KubeMetrics.QueueDepth.Add(-1, _tag);
                    _due.Remove(item);
                    _working.Add(item);
                    return (true, item);
                }

                if (_stopped)
                {
                    break;
                }
            }
        }

        return (false, default!);
    }

    public void Done(T item)
    {
        lock (_lock)
        {
            _working.Remove(item);
            if (_waiting.Contains(item) && !_stopped)
            {
                _ready.Writer.TryWrite(item);
            }
        }
    }

    /// <summary>Stops: takers get nothing more, items added are dropped.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_stopped)
            {
                KubeMetrics.QueueDepth.Add(-_waiting.Count, _tag);
            }

            _stopped = true;
            _timer?.Dispose();
            _ready.Writer.TryComplete();
        }
    }

    private void AddLocked(T item)
    {
        if (_stopped || !_waiting.Add(item))
        {
            return;
        }

        KubeMetrics.QueueAdds.Add(1, _tag);
        KubeMetrics.QueueDepth.Add(1, _tag);
        if (!_working.Contains(item))
        {
            _ready.Writer.TryWrite(item);
        }
    }

    private void AddAfterLocked(T item, TimeSpan delay)
    {
        if (_stopped)
        {
            return;
        }

        if (delay <= TimeSpan.Zero)
        {
            AddLocked(item);
            return;
        }

        var due = timeProvider.GetUtcNow() + delay;
        if (_due.TryGetValue(item, out var before) && before <= due)
        {
            return;
        }

        _due[item] = due;
        _delayed.Enqueue(item, due);
        ArmLocked();
    }

    private void ArmLocked()
    {
        if (_delayed.TryPeek(out _, out var due))
        {
            _timer ??= timeProvider.CreateTimer(static state => ((WorkQueue<T>)state!).Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var wait = due - timeProvider.GetUtcNow();
            _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > s_maxTimer ? s_maxTimer : wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Release()
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            var now = timeProvider.GetUtcNow();
            while (_delayed.TryPeek(out var item, out var due) && due <= now)
            {
                _delayed.Dequeue();

                // An entry whose time is no longer the item's was overtaken by a sooner one.
                if (_due.TryGetValue(item, out var current) && current == due)
                {
                    _due.Remove(item);
                    AddLocked(item);
                }
            }

            ArmLocked();
        }
    }
}
