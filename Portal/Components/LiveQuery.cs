using System.Data.Common;

namespace Portal.Components;

/// <summary>
/// Runs a query again when asked to: at once after a pause, never twice at a time, and with rests in between that are a second or longer than the query took, so
/// that an open page costs a busy portal little. The last request is never lost, and while the database does not answer it is asked again. Thread-safe.
/// </summary>
public sealed class LiveQuery : IDisposable
{
    /// <summary>How often it runs when nothing asks, for what only time changes.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    /// <summary>The shortest time between two runs, unless it is told another.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Func<Task> _run;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _rest;
    private readonly CancellationTokenSource _disposed = new();
    private bool _asked;
    private bool _running;

    /// <param name="run">Throws no more than <see cref="DbException"/> and what it throws when the page has gone.</param>
    public LiveQuery(Func<Task> run, TimeProvider clock, TimeSpan? rest = null) => (_run, _clock, _rest) = (run, clock, rest ?? Rest);

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

        // Not on the thread that asks: it has other things to do, and a query may take as long as it likes.
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
                try
                {
                    await _run();
                }
                catch (DbException)
                {
                    lock (_lock)
                    {
                        _asked = true;
                    }
                }

                var took = _clock.GetElapsedTime(started);
                await Task.Delay(took > _rest ? took : _rest, _clock, _disposed.Token);
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
