namespace Portal.Features.Costs.Dashboard;

/// <summary>
/// Runs a query again when asked to: at once after a pause, never twice at a time, and with rests in between that are a second or longer than the query took, so
/// that an open page costs a busy portal little. The last request is never lost. Thread-safe.
/// </summary>
internal sealed class LiveQuery : IDisposable
{
    /// <summary>How often it runs when nothing asks, for what only time changes.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly Func<Task> _run;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _disposed = new();
    private bool _asked;
    private bool _running;

    public LiveQuery(Func<Task> run, TimeProvider clock) => (_run, _clock) = (run, clock);

    public void Request()
    {
        lock (_lock)
        {
            _asked = true;
            if (_running || _disposed.IsCancellationRequested)
            {
                return;
            }

            _running = true;
        }

        // Not on the thread that asks: it is the one that writes usage, and a query may take as long as it likes.
        _ = Task.Run(RunAsync);
    }

    public void Dispose() => _disposed.Cancel();

    private async Task RunAsync()
    {
        try
        {
            while (Take())
            {
                var started = _clock.GetTimestamp();
                await _run();
                var took = _clock.GetElapsedTime(started);
                await Task.Delay(took > s_rest ? took : s_rest, _clock, _disposed.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The page went away.
        }
    }

    private bool Take()
    {
        lock (_lock)
        {
            _running = _asked && !_disposed.IsCancellationRequested;
            _asked = false;
            return _running;
        }
    }
}
