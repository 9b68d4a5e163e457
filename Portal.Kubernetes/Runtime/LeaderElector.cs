using System.Globalization;
using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>The Lease to hold, and the times, which every candidate must share. Defaults are those of client-go.</summary>
public sealed record LeaderElectorOptions
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }

    /// <summary>Unique to this process.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait, from when they last saw the Lease change, before they take it. Whole seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader goes on without a renewal; shorter than the lease, so that it has stopped when another starts.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause between attempts.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Lets one of several processes lead, by a Lease that is written only with the version that was read. Guarantees that two do not lead at once as
/// long as their clocks run at about the same speed; what time they show does not matter, as each goes by when it saw the Lease change itself.
/// A process that was paused or suspended for long does not lead any more when it wakes: <see cref="IsLeader"/> says so at once, and its work is
/// cancelled by the first timer that fires. Somebody who deletes the Lease lets a candidate in that has not seen it lately; the others still wait.
/// </summary>
public sealed partial class LeaderElector(KubeClient client, LeaderElectorOptions options, TimeProvider timeProvider, ILogger logger)
{
    private readonly Resource<KubeObject> _leases = client.Resource(BuiltIn.Lease);
    private (string Version, long SeenAt) _observed;

    /// <summary>When the latest successful write was begun, by both clocks: the server may have written at any moment after.</summary>
    private Moment _renewed = new(0, DateTimeOffset.MinValue);
    private volatile bool _leading;

    /// <summary>Whether this process leads at this very moment, by its own clock.</summary>
    public bool IsLeader => _leading && TimeLeft() > TimeSpan.Zero;

    /// <summary>Who holds the Lease as last seen; null when nobody.</summary>
    public string? Leader { get; private set; }

    /// <summary>
    /// Waits for leadership, runs <paramref name="lead"/> while it lasts, waits again. Its token is cancelled when the leadership is lost or the
    /// elector stopped. Returns when cancelled, or when <paramref name="lead"/> returns or throws by itself; the Lease is given back then.
    /// </summary>
    /// <exception cref="ArgumentException">The times do not satisfy retry period &lt; renew deadline &lt; lease duration.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        if (options.RetryPeriod >= options.RenewDeadline || options.RenewDeadline >= options.LeaseDuration)
        {
            throw new ArgumentException("Leader election needs RetryPeriod < RenewDeadline < LeaseDuration.");
        }

        while (await AcquireAsync(cancellationToken))
        {
            Log.Leading(logger, options.Identity, options.Name);
            using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var work = Task.Run(() => lead(lost.Token), CancellationToken.None);
            var ended = await RenewAsync(work, cancellationToken);
            _leading = false;
            KubeMetrics.Leading.Add(-1, new KeyValuePair<string, object?>("lease", options.Name));
            await lost.CancelAsync();
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Only after the work has ended may another begin.
            await ReleaseAsync();
            if (ended)
            {
                await work;
                return;
            }

            if (!cancellationToken.IsCancellationRequested)
            {
                Log.Lost(logger, options.Identity, options.Name);
            }
        }
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await TryAsync(options.RenewDeadline, cancellationToken))
            {
                _leading = true;
                KubeMetrics.Leading.Add(1, new KeyValuePair<string, object?>("lease", options.Name));
                return true;
            }

            await PauseAsync(options.RetryPeriod, cancellationToken);
        }

        return false;
    }

    /// <summary>Renews until that fails for too long (false), the work ends by itself (true), or cancelled (false).</summary>
    private async Task<bool> RenewAsync(Task work, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var left = TimeLeft();
            await Task.WhenAny(work, PauseAsync(left < options.RetryPeriod ? left : options.RetryPeriod, cancellationToken));
            if (work.IsCompleted)
            {
                return !cancellationToken.IsCancellationRequested;
            }

            left = TimeLeft();
            if (left <= TimeSpan.Zero || (!await TryAsync(left, cancellationToken) && Leader is not null && Leader != options.Identity))
            {
                return false;
            }
        }

        return false;
    }

    private TimeSpan TimeLeft()
    {
        // The steady clock stands still while the machine is suspended, and the one on the wall may be set: the one that saw more time pass counts.
        var renewed = _renewed;
        var steady = timeProvider.GetElapsedTime(renewed.Timestamp);
        var wall = timeProvider.GetUtcNow() - renewed.Wall;
        var left = options.RenewDeadline - (wall > steady ? wall : steady);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>One attempt to take or renew, within a time.</summary>
    private async Task<bool> TryAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var start = new Moment(timeProvider.GetTimestamp(), timeProvider.GetUtcNow());
            var held = await TryOnceAsync(either.Token);
            _renewed = held ? start : _renewed;

            // An answer may come so late, after a pause of the process, that the time it gives is over already.
            return held && TimeLeft() > TimeSpan.Zero;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (KubernetesException exception) when (exception.IsConflict || exception.IsAlreadyExists)
        {
            return false;
        }
        catch (Exception exception)
        {
            // Whatever it is, credentials that cannot be had included: it counts as one attempt that failed.
            Log.Failed(logger, options.Name, exception.Message);
            return false;
        }
    }

    private async Task<bool> TryOnceAsync(CancellationToken cancellationToken)
    {
        var found = await _leases.FindAsync(options.Namespace, options.Name, cancellationToken);
        if (found is null)
        {
            if (IsHeldByAnother(options.LeaseDuration))
            {
                // Deleted while somebody held it, who does not know yet.
                return false;
            }

            Observe(await _leases.CreateAsync(NewLease(), null, cancellationToken));
            return true;
        }

        Observe(found);
        var spec = found.Json["spec"] as JsonObject ?? [];
        if (IsHeldByAnother(DurationOf(spec)))
        {
            return false;
        }

        var taken = found.DeepClone();
        taken.Json["spec"] = Spec(spec, Leader == options.Identity);
        Observe(await _leases.ReplaceAsync(taken, null, cancellationToken));
        return true;
    }

    private bool IsHeldByAnother(TimeSpan duration) =>
        Leader is not null && Leader != options.Identity && timeProvider.GetElapsedTime(_observed.SeenAt) < duration;

    private async Task ReleaseAsync()
    {
        // Not cancellable by the caller, who is stopping: without it the next leader waits for the whole lease.
        using var limit = new CancellationTokenSource(options.RetryPeriod, timeProvider);
        try
        {
            var found = await _leases.FindAsync(options.Namespace, options.Name, limit.Token);
            if (found?.Json["spec"] is JsonObject spec && HolderOf(spec) == options.Identity)
            {
                var released = found.DeepClone();
                var free = Spec(spec, true);
                free.Remove("holderIdentity");
                free["leaseDurationSeconds"] = 1;
                released.Json["spec"] = free;
                Observe(await _leases.ReplaceAsync(released, null, limit.Token));
            }
        }
        catch (Exception exception)
        {
            Log.NotReleased(logger, options.Name, exception.Message);
        }
    }

    private void Observe(KubeObject lease)
    {
        if (_observed.Version != lease.ResourceVersion)
        {
            _observed = (lease.ResourceVersion, timeProvider.GetTimestamp());
        }

        Leader = HolderOf(lease.Json["spec"] as JsonObject ?? []);
    }

    private KubeObject NewLease() => new(new JsonObject
    {
        ["apiVersion"] = BuiltIn.Lease.ApiVersion,
        ["kind"] = BuiltIn.Lease.Kind,
        ["metadata"] = new JsonObject { ["name"] = options.Name, ["namespace"] = options.Namespace },
        ["spec"] = Spec([], false),
    });

    private JsonObject Spec(JsonObject before, bool renewal)
    {
        var now = timeProvider.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var transitions = before["leaseTransitions"] is JsonValue value && value.TryGetValue(out int count) ? count : 0;
        var spec = (JsonObject)before.DeepClone();
        spec["holderIdentity"] = options.Identity;
        spec["leaseDurationSeconds"] = Math.Max(1, (int)options.LeaseDuration.TotalSeconds);
        spec["acquireTime"] = renewal ? before["acquireTime"]?.DeepClone() ?? now : now;
        spec["renewTime"] = now;
        spec["leaseTransitions"] = renewal || before.Count == 0 ? transitions : transitions + 1;
        return spec;
    }

    private TimeSpan DurationOf(JsonObject spec) =>
        spec["leaseDurationSeconds"] is JsonValue value && value.TryGetValue(out int seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : options.LeaseDuration;

    private static string? HolderOf(JsonObject spec) => spec["holderIdentity"]?.ToString() is { Length: > 0 } holder ? holder : null;

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private sealed record Moment(long Timestamp, DateTimeOffset Wall);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Identity} leads by the Lease {Lease}")]
        public static partial void Leading(ILogger logger, string identity, string lease);

        [LoggerMessage(LogLevel.Warning, "{Identity} no longer leads by the Lease {Lease}")]
        public static partial void Lost(ILogger logger, string identity, string lease);

        [LoggerMessage(LogLevel.Warning, "The Lease {Lease} cannot be read or written: {Error}")]
        public static partial void Failed(ILogger logger, string lease, string error);

        [LoggerMessage(LogLevel.Warning, "The Lease {Lease} is not given back, it runs out by itself: {Error}")]
        public static partial void NotReleased(ILogger logger, string lease, string error);
    }
}
