using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Prices;

namespace Portal.Features.Usage.Recompute;

/// <summary>Gives a part of the calls the cost they have by the prices of now, and brings the sums they are in into line.</summary>
internal sealed class RecomputeStep(PortalDbContext context, PriceList prices)
{
    private static readonly RowStatement<UsageRow> s_update = RowStatement<UsageRow>.Update(
        "usage", new TableColumns<UsageRow> { { "CallId", row => row.CallId } },
        new TableColumns<UsageRow> { { "CostNanos", row => row.CostNanos }, { "PriceId", row => row.PriceId }, { "SeriesId", row => row.SeriesId } });

    private static readonly RowStatement<UsageRow> s_updateRun = RowStatement<UsageRow>.Update(
        "runs", new TableColumns<UsageRow> { { "Id", row => row.CallId } }, new TableColumns<UsageRow> { { "CostMicros", row => row.CostNanos / 1_000 } });

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
        var (changes, changed) = (new UsageChanges(), new List<UsageRow>());
        foreach (var row in calls)
        {
            var known = _series[row.SeriesId];
            var cost = CostOf(row);
            var isChanged = IsChanged(row, known.Currency, cost);
            difference.Add(row, known.Currency, cost, isChanged);
            if (!isChanged)
            {
                continue;
            }

            changes.Remove(row);
            (row.CostNanos, row.PriceId) = (cost?.Nanos, cost?.PriceId);
            row.SeriesId = known.Currency == (cost?.Currency ?? "") ? row.SeriesId : series.TwinOf(known, cost?.Currency ?? "");
            changes.Add(row);
            changed.Add(row);
        }

        s_update.Execute(context, changed);
        s_updateRun.Execute(context, [.. changed.Where(row => row.Source == UsageLog.FromPlayground)]);
        changes.Write(context);
    }

    private static bool IsChanged(UsageRow row, string currency, Cost? cost) =>
        row.CostNanos != cost?.Nanos || row.PriceId != cost?.PriceId || currency != (cost?.Currency ?? "");

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
