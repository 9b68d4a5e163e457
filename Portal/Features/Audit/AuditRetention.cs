using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit.Archive;

namespace Portal.Features.Audit;

/// <summary>
/// Removes rows that are older than they are kept, once a day. A signed checkpoint with the hash of the last one takes their place, so that the rest can
/// still be verified. Nothing is removed that is not in order, or that an archive still waits for.
/// </summary>
internal sealed partial class AuditRetention(
    PortalDatabase database, AuditLog log, AuditVerifier verifier, AuditKey key, AuditExporter exporter, PortalOptions options, TimeProvider clock,
    ILogger<AuditRetention> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Audit.RetentionDays == 0)
        {
            return;
        }

        await Task.Yield();
        using var timer = new PeriodicTimer(s_interval, clock);
        do
        {
            try
            {
                await PruneAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.NotPruned(logger, exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Returns how many rows were removed.</summary>
    internal async Task<long> PruneAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow().UtcDateTime.AddDays(-options.Audit.RetentionDays);
        var archived = exporter.LastEverywhere ?? long.MaxValue;

        // Up to the first row that is kept, not up to the last old one: clocks have been known to go back.
        var kept = await database.ReadAsync(context => context.Audit.Where(row => row.At >= before || row.Sequence > archived).MinAsync(row => (long?)row.Sequence, cancellationToken));
        var last = await database.ReadAsync(context => context.Audit
            .Where(row => kept == null || row.Sequence < kept).OrderByDescending(row => row.Sequence).FirstOrDefaultAsync(cancellationToken));
        if (last is null)
        {
            return 0;
        }

        var verdict = await verifier.VerifyAsync(progress: null, kept: null, cancellationToken);
        if (verdict.Problem is { } problem)
        {
            Log.NotPruned(logger, problem.Message);
            return 0;
        }

        var removed = await database.WriteAsync(context => RemoveAsync(context, last, before), cancellationToken);
        return removed;
    }

    private async Task<long> RemoveAsync(PortalDbContext context, AuditRow last, DateTime before)
    {
        context.AuditHeads.Add(key.Sign(AuditHead.Checkpoint, last.Sequence, last.Hash, clock.GetUtcNow().UtcDateTime));
        await context.SaveChangesAsync();
        var removed = await context.Audit.Where(row => row.Sequence <= last.Sequence).ExecuteDeleteAsync();
        await context.AuditHeads.Where(head => head.Sequence < last.Sequence).ExecuteDeleteAsync();
        log.Append(context, new AuditEntry(Actor.System, "audit.pruned", "Audit", null, null, AuditResult.Succeeded,
            Reason: $"{removed} rows up to number {last.Sequence}, from before {before:u}; a signed checkpoint stands for them.")
        { Source = AuditSource.System });
        return removed;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Old rows of the audit log are kept: {Problem}")]
        public static partial void NotPruned(ILogger logger, string problem);
    }
}
