namespace Portal.Runner.Providers.Http;

/// <summary>Cancels when nothing happened for a while, or when the caller does.</summary>
internal sealed class IdleTimeout : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    public IdleTimeout(TimeSpan limit, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        _limit = limit;
        _timer = new CancellationTokenSource(limit, timeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timer.Token);
    }

    public CancellationToken Token => _either.Token;

    public bool HasExpired => _timer.IsCancellationRequested;

    public TimeSpan Limit => _limit;

    public void Restart() => _timer.CancelAfter(_limit);

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
