using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Usage;

namespace Portal.Features.Health.Overview;

/// <summary>
/// Calls, errors, latency and cost of every flow: the hour that runs and the 23 before it. Read from the hourly sums, at most every two seconds, however many pages ask.
/// </summary>
public sealed class FlowFigures(PortalDatabase database, UsageLog usage, TimeProvider clock) : IDisposable
{
    public const int Hours = 24;
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _reading = new(1);
    private IReadOnlyDictionary<(string Namespace, string Flow), FlowFigure> _latest = new Dictionary<(string, string), FlowFigure>();
    private long? _readAt;

    /// <summary>Raised after calls were added, on any thread; handlers must be quick.</summary>
    public event Action? Changed
    {
        add => usage.Changed += value;
        remove => usage.Changed -= value;
    }

    /// <summary>By namespace and flow; flows without calls are not in it.</summary>
    public async Task<IReadOnlyDictionary<(string Namespace, string Flow), FlowFigure>> ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_readAt is not { } at || clock.GetElapsedTime(at) >= s_fresh)
            {
                _latest = await QueryAsync(cancellationToken);
                _readAt = clock.GetTimestamp();
            }

            return _latest;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The figure of a line: of a FlowSet that of its flows together.</summary>
    public static FlowFigure Of(FlowRow row, IReadOnlyDictionary<(string Namespace, string Flow), FlowFigure> figures) => row.Flows.Count == 1
        ? figures.GetValueOrDefault((row.Namespace, row.Flows[0]), FlowFigure.None)
        : row.Flows.Select(flow => figures.GetValueOrDefault((row.Namespace, flow), FlowFigure.None)).Aggregate(FlowFigure.None, static (sum, next) => sum + next);

    public void Dispose() => _reading.Dispose();

    private async Task<IReadOnlyDictionary<(string Namespace, string Flow), FlowFigure>> QueryAsync(CancellationToken cancellationToken)
    {
        var since = (clock.GetUtcNow().ToUnixTimeSeconds() / 3600) - Hours + 1;
        var sums = await database.ReadAsync(context => context.UsageHours.Where(hour => hour.Hour >= since)
            .Join(context.UsageSeries.Where(series => series.Source == UsageLog.FromFlow), hour => hour.SeriesId, series => series.Id, (hour, series) => new { hour, series })
            .GroupBy(item => new { item.series.Namespace, item.series.Flow, item.series.Currency })
            .Select(group => new
            {
                group.Key.Namespace,
                group.Key.Flow,
                group.Key.Currency,
                Calls = group.Sum(item => item.hour.Calls),
                Errors = group.Sum(item => item.hour.Errors),
                Unpriced = group.Sum(item => item.hour.Unpriced),
                CostNanos = group.Sum(item => item.hour.CostNanos),
                Ms10 = group.Sum(item => item.hour.Ms10),
                Ms25 = group.Sum(item => item.hour.Ms25),
                Ms50 = group.Sum(item => item.hour.Ms50),
                Ms100 = group.Sum(item => item.hour.Ms100),
                Ms250 = group.Sum(item => item.hour.Ms250),
                Ms500 = group.Sum(item => item.hour.Ms500),
                Ms1000 = group.Sum(item => item.hour.Ms1000),
                Ms2500 = group.Sum(item => item.hour.Ms2500),
                Ms5000 = group.Sum(item => item.hour.Ms5000),
                Ms10000 = group.Sum(item => item.hour.Ms10000),
                Ms30000 = group.Sum(item => item.hour.Ms30000),
                Ms60000 = group.Sum(item => item.hour.Ms60000),
                MsMore = group.Sum(item => item.hour.MsMore),
            })
            .ToListAsync(cancellationToken));
        return sums.GroupBy(sum => (sum.Namespace, sum.Flow)).ToDictionary(group => group.Key, group => group.Aggregate(FlowFigure.None, static (total, sum) => total + new FlowFigure(sum.Calls, sum.Errors, sum.Unpriced)
        {
            CostNanos = new Dictionary<string, long> { [sum.Currency] = sum.CostNanos },
            Latencies = [sum.Ms10, sum.Ms25, sum.Ms50, sum.Ms100, sum.Ms250, sum.Ms500, sum.Ms1000, sum.Ms2500, sum.Ms5000, sum.Ms10000, sum.Ms30000, sum.Ms60000, sum.MsMore],
        }));
    }
}
