using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Playground;

namespace Portal.Features.Runs;

/// <summary>
/// Forgets runs that are older than their namespace keeps them, those with a star not; and publications that ended long ago, the newest of each object not.
/// At start and every hour, a bounded number in one transaction.
/// </summary>
internal sealed partial class RunRetention(PortalDatabase database, TimeProvider clock, ILogger<RunRetention> logger) : BackgroundService
{
    /// <summary>So many at once, so that nobody waits long for the database.</summary>
    private const int Batch = 500;

    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    /// <summary>The audit and the revisions tell of older ones.</summary>
    private static readonly TimeSpan s_publications = TimeSpan.FromDays(400);

    /// <summary>How many runs and publications went.</summary>
    public async Task<(int Runs, int Publications)> PruneAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var policies = await database.ReadAsync(context => context.RunPolicies.ToDictionaryAsync(row => row.Namespace, cancellationToken));
        var places = await database.ReadAsync(context => context.Runs.Select(row => row.Namespace).Distinct().ToListAsync(cancellationToken));
        var runs = 0;
        foreach (var place in places)
        {
            var before = now - TimeSpan.FromDays((policies.TryGetValue(place, out var row) ? RunPolicy.Read(row) : RunPolicy.Default).RetentionDays);
            runs += await InBatchesAsync(
                context => context.Runs.Where(run => run.Namespace == place && run.StartedAt < before && !run.IsStarred && run.State != nameof(RunState.Running)).Select(run => run.Id),
                (context, ids) => context.Runs.Where(run => ids.Contains(run.Id)), cancellationToken);
        }

        var old = now - s_publications;
        var publications = await InBatchesAsync(
            context => context.Publications
                .Where(item => item.State != PublicationState.Pending && item.FinishedAt < old
                    && context.Publications.Any(newer => newer.Kind == item.Kind && newer.Namespace == item.Namespace && newer.Name == item.Name
                        && newer.State == PublicationState.Published && newer.RequestedAt > item.RequestedAt))
                .Select(item => item.Id),
            (context, ids) => context.Publications.Where(item => ids.Contains(item.Id)), cancellationToken);
        return (runs, publications);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
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
                Log.NotPruned(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<int> InBatchesAsync<T>(
        Func<PortalDbContext, IQueryable<string>> find, Func<PortalDbContext, List<string>, IQueryable<T>> those, CancellationToken cancellationToken)
    {
        for (var total = 0; ;)
        {
            var ids = await database.ReadAsync(context => find(context).Take(Batch).ToListAsync(cancellationToken));
            if (ids.Count == 0)
            {
                return total;
            }

            total += await database.WriteAsync(context => those(context, ids).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Old runs and publications could not be removed")]
        public static partial void NotPruned(ILogger logger, Exception exception);
    }
}
