using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Prices;

namespace Portal.Features.Usage.Recompute;

/// <summary>Gives a part of the calls the cost they have by the prices of now, and brings the sums they are in into line.</summary>
internal sealed class RecomputeStep(PortalDbContext context, PriceList prices)
{
    private const string Update = "UPDATE usage SET CostNanos = @CostNanos, PriceId = @PriceId, SeriesId = @SeriesId WHERE CallId = @CallId";
    private const string UpdateRun = "UPDATE runs SET CostMicros = @CostMicros WHERE Id = @CallId";

    private static readonly (string Name, Func<UsageRow, object?> Value)[] s_cost =
        [("CostNanos", row => row.CostNanos), ("PriceId", row => row.PriceId), ("SeriesId", row => row.SeriesId), ("CallId", row => row.CallId)];

    private static readonly (string Name, Func<UsageRow, object?> Value)[] s_runCost = [("CostMicros", row => row.CostNanos / 1_000), ("CallId", row => row.CallId)];

    private readonly Dictionary<long, UsageSeries> _series = [];

    /// <summary>Only tells the difference.</summary>
    public void Preview(IReadOnlyList<UsageRow> calls, CostDifference difference)
    {
        Know(calls);
        foreach (var row in calls)
        {
            var currency = _series[row.SeriesId].Currency;
            var cost = CostOf(row);
            difference.Add(row, currency, cost, IsChanged(row, currency, cost));
        }
    }

    public void Apply(IReadOnlyList<UsageRow> calls, UsageSeriesTable.Writer series, CostDifference difference)
    {
        Know(calls);
        var sums = new Dictionary<(long Hour, long Series), UsageHour>();
        using var update = new TableInsert<UsageRow>(context, Update, s_cost);
        using var updateRun = new TableInsert<UsageRow>(context, UpdateRun, s_runCost);
        foreach (var row in calls)
        {
            var known = _series[row.SeriesId];
            var cost = CostOf(row);
            var changed = IsChanged(row, known.Currency, cost);
            difference.Add(row, known.Currency, cost, changed);
            if (!changed)
            {
                continue;
            }

            SumOf(sums, row).Remove(row);
            (row.CostNanos, row.PriceId) = (cost?.Nanos, cost?.PriceId);
            row.SeriesId = known.Currency == (cost?.Currency ?? "") ? row.SeriesId : series.TwinOf(known, cost?.Currency ?? "");
            SumOf(sums, row).Add(row);
            update.Execute(row);
            if (row.Source == UsageLog.FromPlayground)
            {
                updateRun.Execute(row);
            }
        }

        UsageTable.AddSums(context, sums.Values);
        UsageTable.RemoveEmptySums(context, sums.Values);
    }

    private static bool IsChanged(UsageRow row, string currency, Cost? cost) =>
        row.CostNanos != cost?.Nanos || row.PriceId != cost?.PriceId || currency != (cost?.Currency ?? "");

    private static UsageHour SumOf(Dictionary<(long Hour, long Series), UsageHour> sums, UsageRow row)
    {
        var key = (Hour: row.StartedSecond / 3600, row.SeriesId);
        if (!sums.TryGetValue(key, out var sum))
        {
            sums.Add(key, sum = new UsageHour { Hour = key.Hour, SeriesId = key.SeriesId });
        }

        return sum;
    }

    private Cost? CostOf(UsageRow row) => UsageFacts.CostOf(prices, row.Provider, row.Model, row.Outcome, CallScan.RequestsOf(row), row.StartedAt);

    private void Know(IReadOnlyList<UsageRow> calls)
    {
        foreach (var ids in calls.Select(row => row.SeriesId).Distinct().Where(id => !_series.ContainsKey(id)).Chunk(500))
        {
            foreach (var item in context.UsageSeries.AsNoTracking().Where(item => ids.Contains(item.Id)))
            {
                _series[item.Id] = item;
            }
        }
    }
}
