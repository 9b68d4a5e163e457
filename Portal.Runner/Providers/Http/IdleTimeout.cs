namespace Portal.Runner.Providers.Http;

/// <summary>Cancels when nothing happened for a while, or when the caller does.</summary>
internal sealed class IdleTimeout : IDisposable
{
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;

    public IdleTimeout(TimeSpan limit, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        Limit = limit;
        _caller = cancellationToken;
        _source = new CancellationTokenSource(limit, timeProvider);
        _registration = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    public bool HasExpired => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    public TimeSpan Limit { get; }

    public void Restart() => _source.CancelAfter(Limit);

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
