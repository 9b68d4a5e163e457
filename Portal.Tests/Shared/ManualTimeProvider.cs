namespace Portal.Tests.Shared;

/// <summary>Time that stands still until <see cref="Advance"/>. Timers fire inside it, in the order they are due.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    /// <summary>Only so that a broken test ends: no test waits this long when it passes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan Within, TaskCompletionSource Source)> _waiters = [];
    private DateTimeOffset _now;

    public ManualTimeProvider()
        : this(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public ManualTimeProvider(DateTimeOffset start) => _now = start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves time on and runs what falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (true)
        {
            ManualTimer? next;
            lock (_lock)
            {
                next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                if (next is null)
                {
                    _now = end;
                    return;
                }

                _now = next.Due > _now ? next.Due.Value : _now;
                next.Rearm();
            }

            next.Fire();
        }
    }

    /// <summary>The process slept: it is later already when the first of the timers due meanwhile fires.</summary>
    public void Jump(TimeSpan by)
    {
        lock (_lock)
        {
            _now += by;
        }

        Advance(TimeSpan.Zero);
    }

    /// <summary>Completes once somebody waits for a time that comes within <paramref name="within"/> from now.</summary>
    public Task TimerWithinAsync(TimeSpan within)
    {
        lock (_lock)
        {
            if (_timers.Exists(timer => timer.Due <= _now + within))
            {
                return Task.CompletedTask;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((within, source));
            return source.Task.WaitAsync(Patience);
        }
    }

    /// <summary>Waits until somebody waits for a time that comes within <paramref name="within"/>, and moves on to exactly that time.</summary>
    /// <returns>How far that was.</returns>
    public async Task<TimeSpan> AdvanceToTimerAsync(TimeSpan within)
    {
        await TimerWithinAsync(within);
        TimeSpan wait;
        lock (_lock)
        {
            wait = _timers.Min(timer => timer.Due)!.Value - _now;
        }

        Advance(wait);
        return wait;
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                _period = period;
                Due = dueTime < TimeSpan.Zero ? null : owner._now + dueTime;
                owner._timers.Remove(this);
                if (Due is null)
                {
                    return true;
                }

                owner._timers.Add(this);
                foreach (var waiter in owner._waiters.Where(waiter => dueTime <= waiter.Within).ToList())
                {
                    owner._waiters.Remove(waiter);
                    waiter.Source.SetResult();
                }

                return true;
            }
        }

        public void Rearm()
        {
            Due = _period > TimeSpan.Zero ? owner._now + _period : null;
            if (Due is null)
            {
                owner._timers.Remove(this);
            }
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (owner._lock)
            {
                Due = null;
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
