using System.Diagnostics;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Flows;

namespace Portal.Runner.Usage;

/// <summary>One call on its way to its usage record. The first way it ended counts: an answer that nobody took any more was still an answer.</summary>
internal sealed class CallReport(CallReports reports, FlowRoute route, string callId, CallOrigin origin, TimeProvider timeProvider)
{
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
            Caller = origin.Caller,
            Team = origin.Team,
            Token = origin.Token,
            TraceId = Activity.Current?.TraceId.ToHexString(),
        });
    }
}
