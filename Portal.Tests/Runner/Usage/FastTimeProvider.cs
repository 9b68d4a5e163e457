using System.Collections.Concurrent;

namespace Portal.Tests.Runner.Usage;

/// <summary>Time that runs a hundred times as fast; remembers the waits that were asked for.</summary>
internal sealed class FastTimeProvider : TimeProvider
{
    private const int Factor = 100;
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _started = System.GetTimestamp();

    public ConcurrentQueue<TimeSpan> Delays { get; } = new();

    public override DateTimeOffset GetUtcNow() => _start + (System.GetElapsedTime(_started) * Factor);

    public override long GetTimestamp() => _started + ((System.GetTimestamp() - _started) * Factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Delays.Enqueue(dueTime);
        return System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / Factor : dueTime, period);
    }
}
