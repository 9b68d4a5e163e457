using System.Diagnostics;
using Portal.Runner.Content;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Flows;

namespace Portal.Runner.Usage;

/// <summary>One call on its way to its usage record. The first way it ended counts: an answer that nobody took any more was still an answer.</summary>
internal sealed class CallReport(CallReports reports, ContentKeeper contents, FlowRoute route, string callId, CallOrigin origin, TimeProvider timeProvider)
{
    private bool _ended;
    private FlowInput? _input;

    /// <summary>Counts what the engine uses for this call.</summary>
    public CallMeter Meter { get; } = new(timeProvider) { CallId = callId, Flow = route.Flow, Prompt = route.PromptName };

    /// <summary>What the call is made with, once that is known.</summary>
    public void Asked(FlowInput input) => _input = input;

    /// <param name="finishReason">As the model said.</param>
    /// <param name="output">Gives the answer.</param>
    public void Answered(string finishReason, Func<JsonNode?> output) => End(UsageRecord.Ok, finishReason, output, error: null);

    /// <param name="status">Genkit's name for what went wrong.</param>
    /// <param name="error">The same for people.</param>
    public void Failed(string status, string? error) => End(status, status == "CANCELLED" ? "cancelled" : "failed", output: null, error);

    private void End(string outcome, string finishReason, Func<JsonNode?>? output, string? error)
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

        var record = Meter.Record(finishReason) with
        {
            Outcome = outcome,
            PromptHash = route.PromptHash,
            Caller = origin.Caller,
            Team = origin.Team,
            Token = origin.Token,
            TraceId = Activity.Current?.TraceId.ToHexString(),
        };
        reports.End(record, _input is null ? null : contents.Note(callId, route.InputSchema, _input, output, error));
    }
}
