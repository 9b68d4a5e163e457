using System.Diagnostics;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Flows;

namespace Portal.Runner.Usage;

/// <summary>One call on its way to its usage record. The first way it ended counts: an answer that nobody took any more was still an answer.</summary>
internal sealed class CallReport(CallReports reports, FlowRoute route, string callId, string? caller, TimeProvider timeProvider)
{
    public const string CallerHeader = "x-genkit-caller";
    private const int LongestCaller = 128;
    private bool _ended;

    /// <summary>Counts what the engine uses for this call.</summary>
    public CallMeter Meter { get; } = new(timeProvider) { CallId = callId, Flow = route.Flow, Prompt = route.PromptName };

    /// <param name="finishReason">As the model said.</param>
    public void Answered(string finishReason) => End(UsageRecord.Ok, finishReason);

    /// <param name="status">Genkit's name for what went wrong.</param>
    public void Failed(string status) => End(status, status == "CANCELLED" ? "cancelled" : "failed");

    private void End(string outcome, string finishReason)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            span.DisplayName = $"POST {route.Path}";
            span.SetTag("genkit.flow", route.Flow).SetTag("genkit.prompt", route.PromptName).SetTag("genkit.call.id", callId).SetTag("genkit.outcome", outcome);
        }

        reports.End(Meter.Record(finishReason) with
        {
            Outcome = outcome,
            PromptHash = route.PromptHash,
            Caller = caller,
            TraceId = Activity.Current?.TraceId.ToHexString(),
        });
    }

    /// <summary>Who calls, as far as the request says; null when it does not.</summary>
    public static string? CallerOf(IHeaderDictionary headers)
    {
        var said = headers[CallerHeader] is [{ Length: > 0 } caller] ? caller : headers.UserAgent is [{ Length: > 0 } agent] ? agent : null;
        return said is null ? null : string.Concat(said.Where(static character => character is >= ' ' and <= '~').Take(LongestCaller));
    }
}
