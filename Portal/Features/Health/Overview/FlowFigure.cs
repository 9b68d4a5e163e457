using Portal.Features.Prices;

namespace Portal.Features.Health.Overview;

/// <summary>What the calls of a flow come to over some time.</summary>
public sealed record FlowFigure(long Calls, long Errors, long Unpriced)
{
    public static FlowFigure None { get; } = new(0, 0, 0);

    /// <summary>Billionths by currency; currencies are never added up.</summary>
    public IReadOnlyDictionary<string, long> CostNanos { get; init; } = new Dictionary<string, long>();

    /// <summary>How many calls took up to each of <see cref="Bounds"/>; the last are those that took longer.</summary>
    public IReadOnlyList<long> Latencies { get; init; } = [];

    /// <summary>Milliseconds.</summary>
    public static IReadOnlyList<int> Bounds { get; } = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];

    /// <summary>Share of calls that failed, 0 to 1; null without calls.</summary>
    public double? ErrorRate => Calls == 0 ? null : (double)Errors / Calls;

    /// <summary>For sorting; amounts of several currencies are compared as they are.</summary>
    public long TotalNanos => CostNanos.Values.Sum();

    /// <summary>Milliseconds that a share of the calls (0 to 1) did not take longer than, estimated within the bucket it falls in; null without calls. Above the last
    /// bound it is that bound.</summary>
    public double? Percentile(double share)
    {
        var total = Latencies.Sum();
        if (total == 0)
        {
            return null;
        }

        var (rank, before) = (share * total, 0L);
        for (var index = 0; index < Bounds.Count; index++)
        {
            var count = Latencies[index];
            if (before + count >= rank && count > 0)
            {
                var lower = index == 0 ? 0 : Bounds[index - 1];
                return lower + ((Bounds[index] - lower) * Math.Max(0, rank - before) / count);
            }

            before += count;
        }

        return Bounds[^1];
    }

    public static FlowFigure operator +(FlowFigure one, FlowFigure other) => new(one.Calls + other.Calls, one.Errors + other.Errors, one.Unpriced + other.Unpriced)
    {
        CostNanos = one.CostNanos.Concat(other.CostNanos).GroupBy(cost => cost.Key).ToDictionary(group => group.Key, group => group.Sum(cost => cost.Value)),
        Latencies = one.Latencies.Count == 0 ? other.Latencies : other.Latencies.Count == 0 ? one.Latencies : [.. one.Latencies.Zip(other.Latencies, static (a, b) => a + b)],
    };

    /// <summary>Such as <c>$1.20 + EUR 3.10</c>; <c>unpriced</c> when nothing has a price; a dash without calls.</summary>
    public string CostText() => Calls == 0 ? "–"
        : Unpriced == Calls ? "unpriced"
        : string.Join(" + ", CostNanos.Where(cost => cost.Key.Length > 0).OrderBy(cost => cost.Key, StringComparer.Ordinal).Select(cost => new Cost(cost.Value) { Currency = cost.Key }.ToString()).DefaultIfEmpty(new Cost(0).ToString()));

    /// <summary>For people: <c>12 ms</c>, <c>1.2 s</c>; a dash for nothing.</summary>
    public static string Duration(double? milliseconds) => milliseconds switch
    {
        null => "–",
        < 1000 => FormattableString.Invariant($"{milliseconds:0} ms"),
        >= 60_000 => "> 60 s",
        _ => FormattableString.Invariant($"{milliseconds / 1000:0.0} s"),
    };
}
