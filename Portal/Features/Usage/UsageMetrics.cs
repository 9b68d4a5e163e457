using System.Diagnostics.Metrics;
using Portal.Data;
using Portal.Endpoints;

namespace Portal.Features.Usage;

/// <summary>
/// What this process has taken in since it started, for Prometheus; the pages count from the database. Tags: <c>namespace</c>, <c>flow</c>, <c>provider</c>,
/// <c>model</c>, <c>source</c>; never a caller.
/// </summary>
internal static class UsageMetrics
{
    private const double NanosInOne = 1_000_000_000;

    /// <summary>And <c>outcome</c>.</summary>
    private static readonly Counter<long> s_calls = PortalMeter.Meter.CreateCounter<long>("genkit.usage.calls", "{call}", "Calls taken in, each once.");

    /// <summary>And <c>type</c> (<c>input</c>, <c>cached_input</c>, <c>output</c>, <c>reasoning</c>): cached ones are input too, those of reasoning output.</summary>
    private static readonly Counter<long> s_tokens = PortalMeter.Meter.CreateCounter<long>("genkit.usage.tokens", "{token}", "Tokens of those calls, by type.");

    /// <summary>And <c>currency</c>; amounts of different ones must not be added.</summary>
    private static readonly Counter<double> s_cost = PortalMeter.Meter.CreateCounter<double>("genkit.usage.cost", "{currency}", "What those calls cost at the prices in force when they came.");

    private static readonly Counter<long> s_unpriced = PortalMeter.Meter.CreateCounter<long>("genkit.usage.unpriced.calls", "{call}", "Calls whose cost is not known.");

    private static readonly Histogram<double> s_lag = PortalMeter.Meter.CreateHistogram(
        "genkit.usage.lag", "s", "Time from the end of a call until it was counted.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86400] });

    /// <summary>Counts calls that are in the database.</summary>
    /// <param name="rows">The calls.</param>
    /// <param name="currencies">By series.</param>
    public static void Count(IEnumerable<UsageRow> rows, IReadOnlyDictionary<long, string> currencies)
    {
        foreach (var row in rows)
        {
            KeyValuePair<string, object?>[] tags =
            [
                new("namespace", row.Namespace ?? ""), new("flow", row.Flow ?? ""), new("provider", row.Provider), new("model", row.Model), new("source", row.Source),
            ];
            s_calls.Add(1, [.. tags, new("outcome", row.Outcome)]);
            Count(tags, "input", row.InputTokens);
            Count(tags, "cached_input", row.CachedInputTokens);
            Count(tags, "output", row.OutputTokens);
            Count(tags, "reasoning", row.ReasoningTokens);
            if (row.CostNanos is not { } nanos)
            {
                s_unpriced.Add(1, tags);
            }
            else if (currencies[row.SeriesId] is { Length: > 0 } currency) // what failed before anything was used has none
            {
                s_cost.Add(nanos / NanosInOne, [.. tags, new("currency", currency)]);
            }

            s_lag.Record(Math.Max(0, (row.ReceivedAt - row.StartedAt).TotalSeconds - (row.DurationMicroseconds / 1e6)));
        }
    }

    private static void Count(KeyValuePair<string, object?>[] tags, string type, long? tokens)
    {
        if (tokens > 0)
        {
            s_tokens.Add(tokens.Value, [.. tags, new("type", type)]);
        }
    }
}
