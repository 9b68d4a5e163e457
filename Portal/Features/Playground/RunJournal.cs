using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Prices;
using Portal.Features.Usage;

namespace Portal.Features.Playground;

/// <summary>Runs in the database.</summary>
public sealed class RunJournal(PortalDatabase database, PriceBook prices, UsageLog usage)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    public Task OpenAsync(RunSnapshot run) =>
        database.WriteAsync(async context => context.Runs.Add(await KeptAsync(context, run)), CancellationToken.None);

    // Not cancellable: a run that ended must not stay open in the history.
    public async Task CloseAsync(RunSnapshot run)
    {
        await database.WriteAsync(
            async context =>
            {
                var known = await context.Runs.AnyAsync(row => row.Id == run.Id);
                var entry = context.Entry(await KeptAsync(context, run));
                entry.State = known ? EntityState.Modified : EntityState.Added;
                if (known)
                {
                    // Somebody may have marked it while it ran.
                    entry.Property(row => row.IsStarred).IsModified = entry.Property(row => row.Note).IsModified = false;
                }

                usage.Add(context, [run.ToUsage()], UsageLog.FromPlayground);
            },
            CancellationToken.None);
        usage.Tell();
    }

    /// <summary>The row, with no more of what was said than the namespace's policy lets be written.</summary>
    private static async Task<RunRow> KeptAsync(PortalDbContext context, RunSnapshot run) => RunRedaction.Apply(run, await RunPolicy.OfAsync(context, run.Namespace)).ToRow();

    public async Task<RunSnapshot?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(context => context.Runs.FirstOrDefaultAsync(row => row.Id == id, cancellationToken));
        return row is null ? null : RunSnapshot.From(row, prices);
    }

    /// <summary>Newest first.</summary>
    /// <param name="namespaces">Where; null is everywhere.</param>
    public async Task<IReadOnlyList<RunSnapshot>> RecentAsync(IReadOnlyList<string>? namespaces, int count, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(context => context.Runs
            .Where(row => namespaces == null || namespaces.Contains(row.Namespace))
            .OrderByDescending(row => row.StartedAt)
            .Take(count)
            .ToListAsync(cancellationToken));
        return [.. rows.Select(row => RunSnapshot.From(row, prices))];
    }

    /// <summary>Ends, in the history, the runs begun before <paramref name="now"/> that a crash cut off.</summary>
    public Task CloseAbandonedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Where other portals use the database too, a young run may be one of theirs.
        var before = (database.IsShared ? now - s_longest : now).UtcDateTime;
        return database.WriteAsync(
            context => context.Runs.Where(row => row.State == nameof(RunState.Running) && row.StartedAt < before).ExecuteUpdateAsync(
                row => row.SetProperty(run => run.State, nameof(RunState.Failed))
                    .SetProperty(run => run.ErrorCode, "ABORTED")
                    .SetProperty(run => run.ErrorMessage, "The portal ended while this ran."),
                cancellationToken),
            cancellationToken);
    }

    /// <summary>What runs since <paramref name="since"/> used together.</summary>
    /// <param name="namespaces">Where; null is everywhere.</param>
    public async Task<RunTotals> TotalsAsync(IReadOnlyList<string>? namespaces, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (from, hour) = (since.UtcDateTime, since.ToUnixTimeSeconds() / 3600);
        return await database.ReadAsync(async context =>
        {
            var totals = await context.Runs
                .Where(row => row.Source == RunSnapshot.Playground && row.StartedAt >= from && (namespaces == null || namespaces.Contains(row.Namespace)))
                .GroupBy(row => 1)
                .Select(group => new
                {
                    Runs = group.Count(),
                    Input = group.Sum(row => row.InputTokens ?? 0),
                    Output = group.Sum(row => row.OutputTokens ?? 0),
                    Unpriced = group.Count(row => row.CostMicros == null && row.OutputTokens != null),
                })
                .FirstOrDefaultAsync(cancellationToken);
            var costs = await context.UsageHours.Where(sum => sum.Hour >= hour)
                .Join(
                    context.UsageSeries.Where(series => series.Source == UsageLog.FromPlayground && series.Currency != "" && (namespaces == null || namespaces.Contains(series.Namespace))),
                    sum => sum.SeriesId, series => series.Id, (sum, series) => new { series.Currency, sum.CostNanos })
                .GroupBy(item => item.Currency)
                .Select(group => new { Currency = group.Key, Nanos = group.Sum(item => item.CostNanos) })
                .OrderBy(item => item.Currency).ToListAsync(cancellationToken);
            return totals is null ? new RunTotals(0, 0, 0, [], 0)
                : new RunTotals(totals.Runs, totals.Input, totals.Output, [.. costs.Select(item => new Cost(item.Nanos) { Currency = item.Currency })], totals.Unpriced);
        });
    }
}

/// <param name="Costs">One a currency; amounts of different ones are never added.</param>
/// <param name="Unpriced">Runs that used tokens nobody has a price for; they are not in <paramref name="Costs"/>.</param>
public sealed record RunTotals(int Runs, long InputTokens, long OutputTokens, IReadOnlyList<Cost> Costs, int Unpriced);
