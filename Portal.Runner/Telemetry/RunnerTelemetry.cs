using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Portal.Runner.Telemetry;

/// <summary>
/// What this library measures and traces, under one name, by OpenTelemetry's conventions for generative AI. No tag takes more values than there are flows,
/// prompts, models and statuses: never an id, a text or a caller.
/// </summary>
public static class RunnerTelemetry
{
    public const string Name = "Portal.Runner";

    private static readonly Meter s_meter = new(Name);

    internal static ActivitySource Source { get; } = new(Name);

    /// <summary>One turn of a model. Tags: <c>gen_ai.operation.name</c>, <c>gen_ai.provider.name</c>, <c>gen_ai.request.model</c>, <c>error.type</c>.</summary>
    internal static Histogram<double> OperationDuration { get; } = s_meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "Time of one model turn.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] });

    /// <summary>The tags of <see cref="OperationDuration"/> and <c>gen_ai.token.type</c> (<c>input</c>, <c>output</c>).</summary>
    internal static Histogram<long> TokenUsage { get; } = s_meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens of one model turn, by type.", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] });

    /// <summary>Tags: <c>genkit.flow</c>, <c>genkit.prompt</c>, <c>genkit.outcome</c>.</summary>
    internal static Histogram<double> CallDuration { get; } = s_meter.CreateHistogram(
        "genkit.flow.call.duration", "s", "Time of one call of a flow, by outcome.", null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
        });

    /// <summary>Tags: <c>genkit.flow</c>, <c>genkit.prompt</c>.</summary>
    internal static Histogram<double> TimeToFirstToken { get; } = s_meter.CreateHistogram<double>(
        "genkit.flow.time_to_first_token", "s", "Time until the first piece of a call's answer.");

    /// <summary>Tag: <c>genkit.flow</c>.</summary>
    internal static UpDownCounter<long> ActiveCalls { get; } = s_meter.CreateUpDownCounter<long>("genkit.flow.active_calls", "{call}", "Calls under way.");

    /// <summary>Tag: <c>result</c> (<c>delivered</c>, <c>rejected</c>, <c>dropped</c>).</summary>
    internal static Counter<long> UsageRecords { get; } = s_meter.CreateCounter<long>("genkit.usage.records", "{record}", "Usage records by what became of them.");

    internal static Gauge<long> UsageSpool { get; } = s_meter.CreateGauge<long>("genkit.usage.spool.size", "By", "Usage records on disk that wait for the portal.");

    /// <summary>Tag: <c>result</c> (<c>refused</c>, <c>shadow</c>: a budget in shadow mode would have refused it, <c>open</c>: let through as the portal is away).</summary>
    internal static Counter<long> BudgetDecisions { get; } = s_meter.CreateCounter<long>("genkit.budget.decisions", "{call}", "Calls that met a used-up budget, by what became of them.");
}
