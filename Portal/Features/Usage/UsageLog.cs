using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Prices;
using Portal.Runner.Contract;

namespace Portal.Features.Usage;

/// <summary>
/// The usage of all calls, of flows and of the playground, each at what it cost. Each call counts once, however often it is told; its row and the sums it is
/// part of change in one transaction.
/// </summary>
/// <param name="environments">Null where namespaces belong to none.</param>
/// <param name="contents">Null where nobody keeps what was said.</param>
public sealed class UsageLog(PortalDatabase database, PriceBook prices, TimeProvider clock, IEnvironmentNames? environments = null, ICallContents? contents = null)
{
    public const string FromFlow = "flow";
    public const string FromPlayground = "playground";

    /// <summary>Of the model that judges an evaluation.</summary>
    public const string FromEval = UsageRecord.OfEval;

    internal UsageSeriesTable Series { get; } = new();

    private readonly PromptRevisions _revisions = new(clock);

    /// <summary>Raised after calls were added, on any thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>Returns, once they are on disk, how many were new.</summary>
    public async Task<int> AddAsync(IReadOnlyCollection<UsageRecord> records, string source, CancellationToken cancellationToken) =>
        (await AddBatchesAsync([records], source, cancellationToken))[0];

    /// <summary>Returns, once they are on disk, how many of each batch were new. All are written, or none.</summary>
    public async Task<IReadOnlyList<int>> AddBatchesAsync(IReadOnlyList<IReadOnlyCollection<UsageRecord>> batches, string source, CancellationToken cancellationToken)
    {
        var added = await database.WriteAsync(
            async context =>
            {
                var counts = AddBatches(context, batches, source);
                if (contents is not null && source == FromFlow)
                {
                    await contents.KeepAsync(context, batches.SelectMany(records => records).Where(record => record.Content is not null));
                }

                return counts;
            },
            cancellationToken);
        if (added.Any(count => count > 0))
        {
            Changed?.Invoke();
        }

        return added;
    }

    /// <summary>Adds within a transaction of the caller, who calls <see cref="Tell"/> after it. Returns how many were new.</summary>
    public int Add(PortalDbContext context, IReadOnlyCollection<UsageRecord> records, string source) => AddBatches(context, [records], source)[0];

    private IReadOnlyList<int> AddBatches(PortalDbContext context, IReadOnlyList<IReadOnlyCollection<UsageRecord>> batches, string source)
    {
        var now = clock.GetUtcNow();
        using var series = Series.Write(context, now);
        var currencies = new Dictionary<long, string>();
        var added = UsageTable.Insert(context, [.. batches.Select(records => records.Select(record => RowOf(context, series, record, source, now, currencies)).ToList())]);
        context.AfterCommit(() => UsageMetrics.Count(added.SelectMany(batch => batch), currencies));
        return [.. added.Select(batch => batch.Count)];
    }

    public void Tell() => Changed?.Invoke();

    /// <summary>The newest calls of a flow, newest first.</summary>
    public async Task<IReadOnlyList<UsageRow>> RecentAsync(string @namespace, string flow, int count, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Usage
            .Where(row => row.Namespace == @namespace && row.Flow == flow)
            .OrderByDescending(row => row.StartedAt)
            .Take(count)
            .ToListAsync(cancellationToken));

    /// <summary>
    /// Forgets the calls of the hours before that of <paramref name="time"/>; their sums stay. Hour by hour, so that nobody who writes waits for long. Returns
    /// how many calls that were.
    /// </summary>
    public async Task<int> PruneAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var (before, forgotten) = (HourOf(time.ToUnixTimeSeconds()) * 3600, 0);
        while (await database.ReadAsync(context => context.Usage.MinAsync(row => (long?)row.StartedSecond, cancellationToken)) is { } oldest && oldest < before)
        {
            var end = (HourOf(oldest) + 1) * 3600;
            forgotten += await database.WriteAsync(context => context.Usage.Where(row => row.StartedSecond < end).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        }

        return forgotten;
    }

    /// <summary>Forgets the sums of the hours before <paramref name="time"/>; those of the days stay. Returns how many there were.</summary>
    public async Task<int> PruneHoursAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var (before, forgotten) = (HourOf(time.ToUnixTimeSeconds()) / 24 * 24, 0);
        while (await database.ReadAsync(context => context.UsageHours.MinAsync(hour => (long?)hour.Hour, cancellationToken)) is { } oldest && oldest < before)
        {
            var end = ((oldest / 24) + 1) * 24;
            forgotten += await database.WriteAsync(context => context.UsageHours.Where(hour => hour.Hour < end).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        }

        return forgotten;
    }

    private static long HourOf(long second) => second / 3600;

    private UsageRow RowOf(
        PortalDbContext context, UsageSeriesTable.Writer series, UsageRecord record, string source, DateTimeOffset now, Dictionary<long, string> currencies)
    {
        var row = UsageFacts.RowOf(record, record.Source ?? source, now);
        row.Environment = record.Namespace is { } place ? environments?.NameOf(place) : null;
        row.Revision = _revisions.Find(context, record.Namespace, record.Prompt, record.PromptHash);
        var cost = UsageFacts.CostOf(prices.Current, record.Provider, record.Model, record.Outcome, record.Turns ?? [record.Usage], record.StartedAt);
        (row.CostNanos, row.PriceId) = (cost?.Nanos, cost?.PriceId);
        row.SeriesId = series.IdOf(UsageFacts.SeriesOf(row, cost?.Currency));
        currencies[row.SeriesId] = cost?.Currency ?? "";
        return row;
    }
}
