namespace Portal.Operator.Reconciliation;

/// <summary>Keeps what all controllers together write below a rate, after a burst of twice the rate. Whoever waits goes on in the order of asking.</summary>
/// <param name="perSecond">Writes a second; 0 for no limit.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class WriteLimit(int perSecond, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_burst = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly TimeSpan _each = perSecond > 0 ? TimeSpan.FromSeconds(1.0 / perSecond) : TimeSpan.Zero;
    private readonly long _start = timeProvider.GetTimestamp();

    /// <summary>When all that was asked for so far is paid for.</summary>
    private TimeSpan _paid = -s_burst;

    /// <summary>Returns when the caller may write once.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (Take() is { Ticks: > 0 } wait)
        {
            await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan Take()
    {
        lock (_lock)
        {
            var now = timeProvider.GetElapsedTime(_start);
            _paid = (_paid > now - s_burst ? _paid : now - s_burst) + _each;
            return _paid - now;
        }
    }
}
