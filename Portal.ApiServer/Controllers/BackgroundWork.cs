using Microsoft.Extensions.Logging;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Controllers;

/// <summary>What the server does by itself: clean-up after deletions as they are committed, and expiry and compaction from time to time.</summary>
internal sealed partial class BackgroundWork : IAsyncDisposable
{
    private const int KeptRevisions = 10_000;
    private const int BacklogLimit = 10_000;
    private static readonly TimeSpan s_housekeeping = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly ServerContext _server;
    private readonly CrdController _crds;
    private readonly GarbageCollector _garbage;
    private readonly NamespaceController _namespaces;
    private readonly EventExpiry _events;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop;
    private readonly Task _loops;

    private BackgroundWork(ServerContext server, CrdController crds)
    {
        _server = server;
        _crds = crds;
        _garbage = new GarbageCollector(server);
        _namespaces = new NamespaceController(server);
        _events = new EventExpiry(server);
        _logger = server.Loggers.CreateLogger<BackgroundWork>();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(server.Stopping);
        _loops = Task.WhenAll(FollowAsync(), Task.Run(HousekeepAsync));
    }

    public static BackgroundWork Start(ServerContext server, CrdController crds) => new(server, crds);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loops;
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var changes = _server.Log.Hub.Subscribe(null, BacklogLimit);

                // Whoever starts the server does not wait for the work, but from then on every change is seen.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

                // After a start, or after falling behind, everything is looked at once.
                await SweepAsync();
                await foreach (var revision in changes.Reader.ReadAllAsync(_stop.Token))
                {
                    await HandleAsync(revision);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop must outlive any failure of one round; the next round looks at everything again.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                Log.RoundFailed(_logger, problem);
                await DelayAsync(s_retry);
            }
        }
    }

    private async Task SweepAsync()
    {
        await _garbage.SweepAsync(_stop.Token);
        await _namespaces.FinalizeAsync(_stop.Token);
        await _crds.FinalizeAsync(_stop.Token);
    }

    private async Task HandleAsync(Revision revision)
    {
        await _garbage.HandleAsync(revision, _stop.Token);
        var deleted = revision.Operation == RevisionOperation.Deleted;
        var resource = revision.Object.Key.Resource;
        if (resource == NamespaceController.StorageKey || (deleted && revision.Object.Key.Namespace.Length > 0))
        {
            await _namespaces.FinalizeAsync(_stop.Token);
        }

        if (resource == CrdController.StorageKey || deleted)
        {
            await _crds.FinalizeAsync(_stop.Token);
        }
    }

    private async Task HousekeepAsync()
    {
        while (await DelayAsync(s_housekeeping))
        {
            try
            {
                await SweepAsync();
                await _events.SweepAsync(_stop.Token);
                _server.Log.CompactKeeping(KeptRevisions);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Housekeeping is tried again a minute later.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                Log.RoundFailed(_logger, problem);
            }
        }
    }

    private async Task<bool> DelayAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _server.TimeProvider, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "A round of background work failed; it is repeated")]
        public static partial void RoundFailed(ILogger logger, Exception exception);
    }
}
