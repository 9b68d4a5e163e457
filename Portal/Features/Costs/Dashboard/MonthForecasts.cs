using Portal.Auth;
using Portal.Features.Budgets;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs.Dashboard;

/// <summary>What will be spent by the end of the month, by the same reckoning as budgets do it.</summary>
public sealed class MonthForecasts(CostReports reports, TimeProvider clock)
{
    /// <param name="user">Of the namespaces they may read.</param>
    /// <param name="currency">Whose amounts count.</param>
    /// <exception cref="AccessDeniedException">They may read no namespace.</exception>
    public async Task<Forecast> FindAsync(CurrentUser user, CostFilters filters, string currency, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (window, today) = (BudgetWindow.At(BudgetPeriod.Month, zone, now), BudgetWindow.DayOf(zone, now));
        var days = Enumerable.Range(0, Forecast.History + 1).Select(back => today.AddDays(back - Forecast.History)).ToList();
        var cells = await reports.CellsAsync(
            user, [.. days.Select(day => new BucketSpan(LocalTime.StartOf(day, zone), LocalTime.StartOf(day.AddDays(1), zone)))], CostDimension.Source, filters, cancellationToken);
        var sums = cells.Where(cell => cell.Currency == currency).GroupBy(cell => days[cell.Span]).ToDictionary(group => group.Key, group => group.Sum(cell => cell.Nanos));
        return Forecast.Of(
            [.. days.Where(day => day < today).Select(day => new DaySpend(day, sums.GetValueOrDefault(day)))],
            window, sums.Where(sum => sum.Key >= window.FirstDay).Sum(sum => sum.Value), now, zone);
    }
}
