using System.Threading.Channels;
using Portal.Kubernetes.Runtime;

namespace Portal.Features.Ownership;

/// <summary>Feeds the <see cref="ClusterJournal"/> from the informers, through every trouble of the database.</summary>
internal sealed partial class ClusterWatch(InformerFactory informers, ClusterJournal journal, TimeProvider clock, ILogger<ClusterWatch> logger) : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(WatchedKinds.Of(informers).Select(kind => WatchAsync(kind, stoppingToken)));

    private async Task WatchAsync(WatchedKind kind, CancellationToken stoppingToken)
    {
        await kind.WaitForSync(stoppingToken);
        var changes = Channel.CreateUnbounded<SeenChange>(new UnboundedChannelOptions { SingleReader = true });

        // In this order nothing is missed: what the subscription tells first is in the list already, and is no change then.
        using var subscription = kind.Subscribe((before, after) =>
        {
            if (before is null || after is null || !ObservedState.IsSame(before, after))
            {
                changes.Writer.TryWrite(new SeenChange(before, after));
            }
        });
        await KeepTryingAsync(() => journal.CatchUpAsync(kind.Definition.Kind, [.. kind.List()], stoppingToken), stoppingToken);
        var batch = new List<SeenChange>();
        while (await changes.Reader.WaitToReadAsync(stoppingToken))
        {
            // Whoever deletes in the portal writes their own row first, when the cluster has answered.
            await Task.Delay(s_gather, clock, stoppingToken);
            while (batch.Count < Batch && changes.Reader.TryRead(out var change))
            {
                batch.Add(change);
            }

            await KeepTryingAsync(() => journal.RecordAsync(batch, stoppingToken), stoppingToken);
            batch.Clear();
        }
    }

    private async Task KeepTryingAsync(Func<Task> work, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A database that is locked or full must not end the portal, and nothing that was seen may be lost.
                Log.NotRecorded(logger, exception);
                await Task.Delay(s_afterFailure, clock, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A change in the cluster could not be recorded; it is tried again")]
        public static partial void NotRecorded(ILogger logger, Exception exception);
    }
}
