using Portal.Data;

namespace Portal.Features.Flows;

/// <summary>One call of a flow, for people.</summary>
/// <param name="Outcome"><c>OK</c> or the name of Genkit's status.</param>
/// <param name="InputTokens">Null when the provider did not say; so are the others.</param>
public sealed record CallSummary(
    string CallId, DateTimeOffset StartedAt, string? Prompt, string Provider, string Model, string Outcome, string FinishReason,
    long? InputTokens, long? OutputTokens, double? TimeToFirstTokenMs, double DurationMs, string? Caller, string? TraceId)
{
    internal static CallSummary Of(UsageRow row) => new(
        row.CallId, row.StartedAt, row.Prompt, row.Provider, row.Model, row.Outcome, row.FinishReason, row.InputTokens, row.OutputTokens,
        row.FirstTokenMicroseconds / 1000.0, row.DurationMicroseconds / 1000.0, row.Caller, row.TraceId);
}
