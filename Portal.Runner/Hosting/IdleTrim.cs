namespace Portal.Runner.Hosting;

/// <summary>
/// Gives memory back when a runner that was busy has become quiet. A node runs many runners and most of them wait; the collector alone
/// would keep what the last burst needed for as long as nothing else is allocated.
/// </summary>
internal sealed class IdleTrim(TimeProvider timeProvider, Action trim) : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    // Fewer leave little behind.
    private const long MinCalls = 100;
    private ITimer? _timer;
    private long _calls;
    private long _seen;
    private long _trimmed;

    /// <summary>Returns the heap's free pages to the system. Takes some milliseconds, in which nothing else runs.</summary>
    public static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>A call began; calls that go on for long keep a runner busy by their chunks.</summary>
    public void Touch() => Interlocked.Increment(ref _calls);

    public void Start() => _timer = timeProvider.CreateTimer(static state => ((IdleTrim)state!).Look(), this, s_period, s_period);

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        var calls = Interlocked.Read(ref _calls);
        if (calls == _seen && calls - _trimmed >= MinCalls)
        {
            _trimmed = calls;
            trim();
        }

        _seen = calls;
    }
}
