using Portal.Runner.Content;
using Portal.Runner.Contract;
using Portal.Runner.Flows;
using Portal.Runner.Hosting;
using Portal.Runner.Telemetry;

namespace Portal.Runner.Usage;

/// <summary>Sees each call end, however it ends: what comes of it is one usage record and one line in the log.</summary>
/// <param name="usage">Null when no portal is told of calls.</param>
internal sealed partial class CallReports(RunnerOptions options, ContentKeeper contents, TimeProvider timeProvider, ILogger<CallReports> logger, UsageReporter? usage = null)
{
    public CallReport Begin(FlowRoute route, string callId, CallOrigin origin)
    {
        RunnerTelemetry.ActiveCalls.Add(1, new KeyValuePair<string, object?>("genkit.flow", route.Flow));
        return new CallReport(this, contents, route, callId, origin, timeProvider);
    }

    /// <param name="ended">What it used.</param>
    /// <param name="words">What was said in it; null when that is not kept.</param>
    public void End(UsageRecord ended, CallWords? words)
    {
        var record = ended with { Namespace = options.Namespace };
        usage?.Report(record, words);
        Measure(record);
        if (record.Provider.Length > 0)
        {
            Log.Ended(logger, record.CallId, record.Flow, record.Prompt, record.Provider, record.Model, record.Outcome, record.FinishReason,
                record.Usage.InputTokens, record.Usage.OutputTokens, (long?)record.TimeToFirstToken?.TotalMilliseconds, (long)record.Duration.TotalMilliseconds, record.TraceId);
        }
    }

    private static void Measure(UsageRecord record)
    {
        var flow = new KeyValuePair<string, object?>("genkit.flow", record.Flow);
        var prompt = new KeyValuePair<string, object?>("genkit.prompt", record.Prompt);
        RunnerTelemetry.ActiveCalls.Add(-1, flow);
        RunnerTelemetry.CallDuration.Record(record.Duration.TotalSeconds, flow, prompt, new("genkit.outcome", record.Outcome));
        if (record.TimeToFirstToken is { } time)
        {
            RunnerTelemetry.TimeToFirstToken.Record(time.TotalSeconds, flow, prompt);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Call {CallId} of flow {Flow}, prompt {Prompt}, answered by {Provider}/{Model}: {Outcome}, {FinishReason}, "
            + "{InputTokens} tokens in, {OutputTokens} out, first token after {TimeToFirstTokenMs} ms, done after {DurationMs} ms, trace {TraceId}")]
        public static partial void Ended(ILogger logger, string callId, string? flow, string? prompt, string provider, string model, string outcome,
            string finishReason, long? inputTokens, long? outputTokens, long? timeToFirstTokenMs, long durationMs, string? traceId);
    }
}
