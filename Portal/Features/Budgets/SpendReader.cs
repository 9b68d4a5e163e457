using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Budgets;

/// <summary>
/// What was spent since a time, by series: whole days of UTC and before them whole hours from the sums, the part of an hour before those from the calls. Any
/// number of budgets with the same window are counted together. Days are kept for ever: a window may be longer than hours are kept, but for the hours before its
/// first whole day of UTC, which count as long as hours are kept (<c>Portal:Usage:HourlyDays</c>).
/// </summary>
internal sealed class SpendReader(PortalDatabase database) : IDisposable
{
    private const int HourSeconds = 3600;
    private const int DayHours = 24;
    private const int MostRemembered = 100_000;

    // A series never changes.
    private readonly Dictionary<long, UsageSeries> _series = [];
    private readonly SemaphoreSlim _loading = new(1);

    public void Dispose() => _loading.Dispose();

    /// <summary>What each budget spent since <paramref name="from"/>.</summary>
    public async Task<IReadOnlyList<BudgetSpend>> ReadAsync(DateTimeOffset from, IReadOnlyList<Budget> budgets, CancellationToken cancellationToken)
    {
        var sums = await SumsAsync(from, cancellationToken);
        var series = await SeriesAsync([.. sums.Select(sum => sum.SeriesId)], cancellationToken);
        var result = new List<BudgetSpend>(budgets.Count);
        foreach (var budget in budgets)
        {
            var own = sums.Where(sum => Covers(budget, series[sum.SeriesId])).Select(sum => (sum, series[sum.SeriesId].Currency));
            var folded = sums.Where(sum => IsFolded(budget, series[sum.SeriesId])).Select(sum => sum.SeriesId).ToList();
            result.Add(Add(budget, folded.Count == 0 ? own : own.Concat(await FoldedAsync(budget, folded, from, series, cancellationToken))));
        }

        return result;
    }

    /// <summary>Calls of a budget since it was used up: what a budget in shadow mode would have refused.</summary>
    public async Task<long> CallsSinceAsync(Budget budget, DateTime since, CancellationToken cancellationToken)
    {
        var from = new DateTimeOffset(since, TimeSpan.Zero);
        return (await ReadAsync(from, [budget], cancellationToken))[0].Calls;
    }

    /// <summary>Whether a call of a series counts for a budget.</summary>
    public static bool Covers(Budget budget, UsageSeries series) =>
        (budget.Place is null || budget.Namespace == series.Namespace) && (budget.Scope == BudgetScope.Namespace || DimensionOf(budget, series) == budget.Subject);

    /// <summary>Whether the name that the budget asks for may be among those that are counted as one.</summary>
    private static bool IsFolded(Budget budget, UsageSeries series) =>
        (budget.Place is null || budget.Namespace == series.Namespace) && budget.Scope != BudgetScope.Namespace && DimensionOf(budget, series) == UsageSeries.Other;

    private static string DimensionOf(Budget budget, UsageSeries series) => budget.Scope switch
    {
        BudgetScope.Flow => series.Flow,
        BudgetScope.Team => series.Team,
        BudgetScope.User => series.User,
        BudgetScope.Token => series.Token,
        _ => series.Namespace,
    };

    private static BudgetSpend Add(Budget budget, IEnumerable<(Sum Sum, string Currency)> parts)
    {
        long nanos = 0, calls = 0, unpriced = 0;
        var others = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (sum, currency) in parts)
        {
            calls += sum.Calls;
            unpriced += sum.Unpriced;
            if (currency == budget.Currency)
            {
                nanos += sum.Nanos;
            }
            else if (sum.Nanos != 0)
            {
                others[currency] = others.GetValueOrDefault(currency) + sum.Nanos;
            }
        }

        return new BudgetSpend(nanos, calls, unpriced, others);
    }

    private async Task<List<Sum>> SumsAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        var second = from.ToUnixTimeSeconds();
        var hour = (second + HourSeconds - 1) / HourSeconds;
        var day = (hour + DayHours - 1) / DayHours;
        var sums = await database.ReadAsync(context => context.UsageDays.Where(row => row.Day >= day).GroupBy(row => row.SeriesId)
            .Select(group => new Sum(group.Key, group.Sum(row => row.Calls), group.Sum(row => row.Unpriced), group.Sum(row => row.CostNanos)))
            .ToListAsync(cancellationToken));
        if (day * DayHours > hour)
        {
            var end = day * DayHours;
            sums.AddRange(await database.ReadAsync(context => context.UsageHours.Where(row => row.Hour >= hour && row.Hour < end).GroupBy(row => row.SeriesId)
                .Select(group => new Sum(group.Key, group.Sum(row => row.Calls), group.Sum(row => row.Unpriced), group.Sum(row => row.CostNanos)))
                .ToListAsync(cancellationToken)));
        }

        if (hour * HourSeconds > second)
        {
            var end = hour * HourSeconds;
            sums.AddRange(await database.ReadAsync(context => context.Usage.Where(row => row.StartedSecond >= second && row.StartedSecond < end).GroupBy(row => row.SeriesId)
                .Select(group => new Sum(group.Key, group.Count(), group.Sum(row => row.CostNanos == null ? 1 : 0), group.Sum(row => row.CostNanos ?? 0)))
                .ToListAsync(cancellationToken)));
        }

        return sums;
    }

    /// <summary>The calls themselves know the name that their series does not, as long as they are kept.</summary>
    private async Task<List<(Sum Sum, string Currency)>> FoldedAsync(
        Budget budget, List<long> ids, DateTimeOffset from, IReadOnlyDictionary<long, UsageSeries> series, CancellationToken cancellationToken)
    {
        var second = from.ToUnixTimeSeconds();
        var sums = await database.ReadAsync(context => Named(context.Usage, budget).Where(row => row.StartedSecond >= second && ids.Contains(row.SeriesId)).GroupBy(row => row.SeriesId)
            .Select(group => new Sum(group.Key, group.Count(), group.Sum(row => row.CostNanos == null ? 1 : 0), group.Sum(row => row.CostNanos ?? 0)))
            .ToListAsync(cancellationToken));
        return [.. sums.Select(sum => (sum, series[sum.SeriesId].Currency))];
    }

    private static IQueryable<UsageRow> Named(IQueryable<UsageRow> rows, Budget budget) => budget.Scope switch
    {
        BudgetScope.Flow => rows.Where(row => row.Flow == budget.Subject),
        BudgetScope.Team => rows.Where(row => row.Team == budget.Subject),
        BudgetScope.User => rows.Where(row => row.Caller == budget.Subject),
        _ => rows.Where(row => row.Token == budget.Subject),
    };

    private async Task<IReadOnlyDictionary<long, UsageSeries>> SeriesAsync(HashSet<long> ids, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_series.Count > MostRemembered)
            {
                _series.Clear();
            }

            foreach (var missing in ids.Where(id => !_series.ContainsKey(id)).Chunk(500))
            {
                foreach (var series in await database.ReadAsync(context => context.UsageSeries.Where(row => missing.Contains(row.Id)).ToListAsync(cancellationToken)))
                {
                    _series[series.Id] = series;
                }
            }

            return ids.ToDictionary(id => id, id => _series.GetValueOrDefault(id) ?? new UsageSeries { Id = id, Source = "" });
        }
        finally
        {
            _loading.Release();
        }
    }

    private sealed record Sum(long SeriesId, long Calls, long Unpriced, long Nanos);
}
