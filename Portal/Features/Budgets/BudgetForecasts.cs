using System.Collections.Concurrent;

namespace Portal.Features.Budgets;

/// <summary>Forecasts of budgets. The days before today are read now and then only: they hardly change, and what is spent today comes with the status.</summary>
internal sealed class BudgetForecasts(SpendHistory history, TimeProvider clock)
{
    private const int MostKept = 1000;
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, (long Version, DateOnly Day, long ReadAt, IReadOnlyList<DaySpend> Days)> _days = new();

    public async Task<Forecast> FindAsync(BudgetStatus status, CancellationToken cancellationToken)
    {
        var (budget, now) = (status.Budget, clock.GetUtcNow());
        var today = BudgetWindow.DayOf(budget.Zone, now);
        if (!_days.TryGetValue(budget.Id, out var known) || known.Version != budget.Version || known.Day != today || clock.GetElapsedTime(known.ReadAt) > s_fresh)
        {
            if (_days.Count > MostKept)
            {
                _days.Clear(); // of budgets long deleted
            }

            known = (budget.Version, today, clock.GetTimestamp(), await history.DaysAsync(budget, Forecast.History, cancellationToken));
            _days[budget.Id] = known;
        }

        return Forecast.Of(known.Days, status.Window, status.Spend.Nanos, now, budget.Zone, budget.AmountNanos);
    }
}
