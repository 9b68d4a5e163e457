using System.Threading.Channels;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases.Revisions;

/// <summary>Gives a revision to every prompt text that appears in the cluster without the portal having written it.</summary>
internal sealed partial class RevisionWatcher(InformerFactory informers, RevisionStore revisions, TimeProvider clock, ILogger<RevisionWatcher> logger) : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var seen = Channel.CreateUnbounded<SeenState>(new UnboundedChannelOptions { SingleReader = true });
        using var subscription = informers.Get<Prompt>().Subscribe(change =>
        {
            if (change.After is { DeletionTimestamp: null } prompt && (change.Before is null || change.Before.Generation != prompt.Generation))
            {
                seen.Writer.TryWrite(StateOf(prompt));
            }
        });
        var batch = new List<SeenState>();
        while (await seen.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            while (batch.Count < Batch && seen.Reader.TryRead(out var state))
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

    private SeenState StateOf(Prompt prompt)
    {
        var writer = FieldWriter.LastOf(prompt, "content") ?? new FieldWriter("unknown", clock.GetUtcNow().UtcDateTime);
        return new SeenState(Prompt.Definition.Kind, prompt.Namespace ?? "", prompt.Name, ReleaseKinds.ContentOf(prompt), writer.Manager, writer.At, prompt.Uid,
            prompt.Generation, ReleaseAnnotations.RevisionOf(prompt));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What was seen in the cluster could not be recorded; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
