namespace Portal.Components;

/// <summary>
/// Coalesces any number of requests into at most ten renders a second, or as many as it is told; the first is immediate and the last is never lost. Thread-safe.
/// For what is at hand; what asks the database is a <see cref="LiveQuery"/>.
/// </summary>
public sealed class RenderThrottle : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Func<Task> _render;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private long _last = long.MinValue;
    private bool _pending;
    private bool _disposed;

    /// <param name="render">Renders; on a page <c>() => InvokeAsync(StateHasChanged)</c>.</param>
    /// <param name="interval">Time between two renders, where a tenth of a second is too often.</param>
    public RenderThrottle(Func<Task> render, TimeProvider clock, TimeSpan? interval = null)
    {
        _interval = interval ?? Interval;
        _render = render;
        _clock = clock;
        _timer = clock.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Request()
    {
        TimeSpan wait;
        lock (_lock)
        {
            if (_pending || _disposed)
            {
                return;
            }

            _pending = true;
            wait = _last == long.MinValue ? TimeSpan.Zero : _interval - _clock.GetElapsedTime(_last);
        }

        if (wait <= TimeSpan.Zero)
        {
            Fire();
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void Fire()
    {
        lock (_lock)
        {
            if (!_pending || _disposed)
            {
                return;
            }

            _pending = false;
            _last = _clock.GetTimestamp();
        }

        _ = RenderAsync();
    }

    private async Task RenderAsync()
    {
        try
        {
            await _render();
        }
        catch (ObjectDisposedException)
        {
            // The page went away between the request and the render.
        }
    }
}
