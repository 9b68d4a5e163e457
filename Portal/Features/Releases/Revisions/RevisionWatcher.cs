using System.Threading.Channels;
using Portal.Features.Ownership;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases.Revisions;

/// <summary>Gives a revision to every content of a kind that can be released which appears in the cluster without the portal having written it.</summary>
internal sealed partial class RevisionWatcher(InformerFactory informers, RevisionStore revisions, TimeProvider clock, ILogger<RevisionWatcher> logger) : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var seen = Channel.CreateUnbounded<SeenState>(new UnboundedChannelOptions { SingleReader = true });
        var subscriptions = WatchedKinds.Of(informers).Select(kind => kind.Subscribe((before, after) =>
        {
            if (after is { DeletionTimestamp: null } && before?.Generation != after.Generation && ObjectOwner.Of(after).Kind != OwnerKind.Controller)
            {
                seen.Writer.TryWrite(StateOf(before, after));
            }
        })).ToList();
        try
        {
            await ReadAsync(seen.Reader, stoppingToken);
        }
        finally
        {
            subscriptions.ForEach(subscription => subscription.Dispose());
        }
    }

    private async Task ReadAsync(ChannelReader<SeenState> seen, CancellationToken stoppingToken)
    {
        var batch = new List<SeenState>();
        while (await seen.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            while (batch.Count < Batch && seen.TryRead(out var state))
            {
                batch.Add(state);
            }

            await KeepTryingAsync(batch, stoppingToken);
            batch.Clear();
        }
    }

    private async Task KeepTryingAsync(List<SeenState> batch, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await revisions.ObserveAsync(batch, stoppingToken);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A database that is locked or full must not end the portal, and nothing that was seen may be lost.
                Log.Failed(logger, exception);
                await Task.Delay(s_afterFailure, clock, stoppingToken);
            }
        }
    }

    private SeenState StateOf(KubeObject? before, KubeObject item)
    {
        // Who has just changed it is known best from what it was. Else of a prompt its text counts; of the others the whole spec.
        var entry = before is not null ? FieldsEntry.WriterOf(before, item)
            : item.Kind == Prompt.Definition.Kind ? null : FieldsEntry.Of(item).Where(entry => entry.HoldsSpec).MaxBy(entry => entry.Time ?? DateTimeOffset.MinValue);
        var writer = entry is not null ? new FieldWriter(entry.Manager, (entry.Time ?? clock.GetUtcNow()).UtcDateTime) : FieldWriter.LastOf(item, "content");
        writer ??= new FieldWriter("unknown", clock.GetUtcNow().UtcDateTime);
        return new SeenState(item.Kind, item.Namespace ?? "", item.Name, ReleaseKinds.ContentOf(item), writer.Manager, writer.At, item.Uid, item.Generation, ReleaseAnnotations.RevisionOf(item));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What was seen in the cluster could not be recorded; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
