using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Budgets;

/// <summary>What a budget's scope spent in the past, in the budget's currency, by day of its zone.</summary>
internal sealed class SpendHistory(PortalDatabase database, TimeProvider clock)
{
    private const int HourSeconds = 3600;

    /// <summary>The days before today in order, without gaps. An hour that two days share counts for the one it begins in.</summary>
    public async Task<IReadOnlyList<DaySpend>> DaysAsync(Budget budget, int days, CancellationToken cancellationToken)
    {
        var zone = budget.Zone;
        var today = BudgetWindow.DayOf(zone, clock.GetUtcNow());
        var first = today.AddDays(-days);
        var from = BudgetWindow.StartOf(first, zone).ToUnixTimeSeconds() / HourSeconds;
        var to = BudgetWindow.StartOf(today, zone).ToUnixTimeSeconds() / HourSeconds;
        var hours = await database.ReadAsync(context => context.UsageHours.Where(hour => hour.Hour >= from && hour.Hour < to)
            .Join(Series(context, budget).Where(series => series.Currency == budget.Currency), hour => hour.SeriesId, series => series.Id, (hour, series) => hour)
            .GroupBy(hour => hour.Hour).Select(group => new { Hour = group.Key, Nanos = group.Sum(hour => hour.CostNanos) })
            .ToListAsync(cancellationToken));
        var sums = hours.GroupBy(hour => BudgetWindow.DayOf(zone, DateTimeOffset.FromUnixTimeSeconds(hour.Hour * HourSeconds)))
            .ToDictionary(group => group.Key, group => group.Sum(hour => hour.Nanos));
        return [.. Enumerable.Range(0, days).Select(index => first.AddDays(index)).Select(day => new DaySpend(day, sums.GetValueOrDefault(day)))];
    }

    /// <summary>How the present window will end.</summary>
    public async Task<Forecast> ForecastAsync(BudgetStatus status, CancellationToken cancellationToken) => Forecast.Of(
        await DaysAsync(status.Budget, Forecast.History, cancellationToken), status.Window, status.Spend.Nanos, clock.GetUtcNow(), status.Budget.Zone, status.Budget.AmountNanos);

    internal static IQueryable<UsageSeries> Series(PortalDbContext context, Budget budget)
    {
        var series = budget.Place is { } place ? context.UsageSeries.Where(row => row.Namespace == place) : context.UsageSeries;
        return budget.Scope switch
        {
            BudgetScope.Flow => series.Where(row => row.Flow == budget.Subject),
            BudgetScope.Team => series.Where(row => row.Team == budget.Subject),
            BudgetScope.User => series.Where(row => row.User == budget.Subject),
            BudgetScope.Token => series.Where(row => row.Token == budget.Subject),
            _ => series,
        };
    }
}
