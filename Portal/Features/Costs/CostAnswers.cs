using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs;

/// <summary>A report, for programs. Times are UTC, amounts in units of their currency.</summary>
/// <param name="Currency">That of the points, of what rows are sorted by and of their shares.</param>
internal sealed record CostAnswer(
    DateTime From, DateTime To, string TimeZone, string Bucket, string GroupBy, string Currency, CostLine Total, CostBefore TotalBefore, IReadOnlyList<CostAnswerRow> Rows)
{
    public static CostAnswer Of(CostReport report) => new(
        report.Query.Window.From, report.Query.Window.To, report.Query.Zone.Id, report.Query.Bucket.ToString().ToLowerInvariant(), report.Query.GroupBy.Word(), report.Currency,
        CostLine.Of(report.Total), CostBefore.Of(report.TotalBefore),
        [.. report.Rows.Select(row => new CostAnswerRow(row.Value, report.ShareOf(row), row.ChangeIn(report.Currency), CostLine.Of(row.Now), CostBefore.Of(row.Before), PointsOf(report, row)))]);

    private static IReadOnlyList<CostAnswerPoint> PointsOf(CostReport report, CostRow row) =>
        [.. row.Points.Select((point, index) => (Point: point, Span: report.Spans[index])).Where(item => item.Point.Calls > 0)
            .Select(item => new CostAnswerPoint(item.Span.From, item.Point.Nanos / 1e9m, item.Point.Calls, item.Point.Tokens))];
}

/// <param name="Value">Empty where calls say none.</param>
/// <param name="Share">Of the total, from 0 to 1.</param>
/// <param name="Change">Against the time before: 0.5 is half more; null when there was nothing.</param>
/// <param name="Points">Of the hours or days with calls.</param>
internal sealed record CostAnswerRow(string Value, double? Share, double? Change, CostLine Now, CostBefore Before, IReadOnlyList<CostAnswerPoint> Points);

internal sealed record CostAnswerPoint(DateTime From, decimal Cost, long Calls, long Tokens);

/// <param name="Costs">By currency, as they cannot be added.</param>
internal sealed record CostLine(IReadOnlyDictionary<string, decimal> Costs, CostSums Sums)
{
    public static CostLine Of(CostFigures figures) => new(figures.Costs.ToDictionary(cost => cost.Currency, cost => cost.Amount), figures.Sums);
}

/// <summary>What a line is compared with.</summary>
internal sealed record CostBefore(IReadOnlyDictionary<string, decimal> Costs, long Calls)
{
    public static CostBefore Of(CostFigures figures) => new(figures.Costs.ToDictionary(cost => cost.Currency, cost => cost.Amount), figures.Sums.Calls);
}

/// <param name="Items">Newest first.</param>
/// <param name="Next">What to send as <c>after</c> for older calls; null when there are none.</param>
internal sealed record CallListAnswer(IReadOnlyList<CallAnswer> Items, string? Next);

/// <summary>A call, for programs.</summary>
/// <param name="Cost">Null when it is not known.</param>
internal sealed record CallAnswer(
    string CallId, DateTime StartedAt, string Source, string? Environment, string? Namespace, string? Flow, string? Prompt, int? Revision, string Provider, string Model,
    string? Caller, string? Team, string? Token, string Outcome, string FinishReason, long? InputTokens, long? OutputTokens, long? CachedInputTokens, long? CacheWriteTokens,
    long? ReasoningTokens, double DurationMs, decimal? Cost, string? Currency, string? TraceId)
{
    /// <summary>The request that published the prompt's revision.</summary>
    public long? Release { get; init; }

    public static CallAnswer Of(PricedCall priced)
    {
        var call = priced.Call;
        return new CallAnswer(
            call.CallId, call.StartedAt, call.Source, call.Environment, call.Namespace, call.Flow, call.Prompt, call.Revision, call.Provider, call.Model, call.Caller, call.Team,
            call.Token, call.Outcome, call.FinishReason, call.InputTokens, call.OutputTokens, call.CachedInputTokens, call.CacheWriteTokens, call.ReasoningTokens,
            call.DurationMicroseconds / 1000.0, priced.Cost?.Amount, priced.Cost?.Currency, call.TraceId);
    }
}
