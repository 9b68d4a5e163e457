namespace Portal.Runner.Hosting;

/// <summary>Tells calls when the runner stops: first it is no longer ready, and after the drain time what still runs must end.</summary>
internal sealed class DrainSignal(TimeProvider timeProvider, TimeSpan drain) : IDisposable
{
    private readonly CancellationTokenSource _callsMustEnd = new(Timeout.InfiniteTimeSpan, timeProvider);
    private volatile bool _isStopping;

    public bool IsStopping => _isStopping;

    public CancellationToken CallsMustEnd => _callsMustEnd.Token;

    public void Begin()
    {
        _isStopping = true;
        _callsMustEnd.CancelAfter(drain);
    }

    public void Dispose() => _callsMustEnd.Dispose();
}
