using Portal.Components;

namespace Portal.Features.Health.Self;

/// <summary>Asks all probes at the same time. One that fails or hangs is unknown and holds up no other. At most one report is made in a second, however many ask.</summary>
public sealed partial class SelfStatus(IEnumerable<ISelfProbe> probes, TimeProvider clock, ILogger<SelfStatus> logger)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<ISelfProbe> _probes = [.. probes];
    private readonly Lock _gate = new();
    private Task<SelfReport>? _latest;
    private long _askedAt;

    public Task<SelfReport> ReadAsync()
    {
        lock (_gate)
        {
            if (_latest is null || (_latest.IsCompleted && clock.GetElapsedTime(_askedAt) >= s_fresh))
            {
                (_latest, _askedAt) = (AskAsync(), clock.GetTimestamp());
            }

            return _latest;
        }
    }

    private async Task<SelfReport> AskAsync()
    {
        var items = (await Task.WhenAll(_probes.Select(AskAsync))).SelectMany(found => found).ToList();
        return new SelfReport(items.Select(item => item.Status).DefaultIfEmpty(Status.Unknown).MaxBy(Gravity), clock.GetUtcNow(), items);
    }

    private async Task<IReadOnlyList<SelfItem>> AskAsync(ISelfProbe probe)
    {
        using var timeout = new CancellationTokenSource(s_patience, clock);
        try
        {
            return await Task.Run(() => probe.ReadAsync(timeout.Token), CancellationToken.None).WaitAsync(s_patience, clock, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Whatever it is: that one part cannot be looked at must not hide the others.
            Log.NotRead(logger, probe.Group, exception);
            return [new SelfItem(probe.Group, probe.Group, Status.Unknown, "could not be looked at", exception is TimeoutException ? "It did not answer in time; the portal may be overloaded." : "Look at the portal's log.")];
        }
    }

    private static int Gravity(Status status) => status switch
    {
        Status.Failed => 4,
        Status.Degraded => 3,
        Status.Unknown => 2,
        Status.Progressing or Status.Pending => 1,
        _ => 0,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The status of {Group} cannot be read")]
        public static partial void NotRead(ILogger logger, string group, Exception exception);
    }
}
