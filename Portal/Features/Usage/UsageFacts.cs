using Portal.Data;
using Portal.Features.Prices;
using Portal.Runner.Contract;

namespace Portal.Features.Usage;

/// <summary>A record as the portal keeps it.</summary>
internal static class UsageFacts
{
    private static readonly TokenUsage s_nothing = new();

    /// <summary>All that the record itself says.</summary>
    public static UsageRow RowOf(UsageRecord record, string source, DateTimeOffset now) => new()
    {
        CallId = record.CallId,
        StartedAt = record.StartedAt.UtcDateTime,
        ReceivedAt = now.UtcDateTime,
        StartedSecond = record.StartedAt.ToUnixTimeSeconds(),
        Source = source,
        Namespace = record.Namespace,
        Flow = record.Flow,
        Prompt = record.Prompt,
        PromptHash = record.PromptHash,
        Provider = record.Provider,
        Model = record.Model,
        InputTokens = record.Usage.InputTokens,
        OutputTokens = record.Usage.OutputTokens,
        CachedInputTokens = record.Usage.CachedInputTokens,
        CacheWriteTokens = record.Usage.CacheWriteTokens,
        CacheWriteHourTokens = record.Usage.CacheWriteHourTokens,
        ReasoningTokens = record.Usage.ReasoningTokens,
        InputAudioTokens = record.Usage.InputAudioTokens,
        OutputAudioTokens = record.Usage.OutputAudioTokens,
        CachedAudioTokens = record.Usage.CachedAudioTokens,
        InputImageTokens = record.Usage.InputImageTokens,
        OutputImageTokens = record.Usage.OutputImageTokens,
        Requests = record.Usage.Requests,
        ServiceTier = record.Usage.ServiceTier,
        Incomplete = record.Usage.Incomplete,
        Turns = record.Turns is { Count: > 1 } turns ? JsonSerializer.Serialize(turns, UsageJson.Default.IReadOnlyListTokenUsage) : null,
        Outcome = record.Outcome,
        FinishReason = record.FinishReason,
        FirstTokenMicroseconds = (long?)record.TimeToFirstToken?.TotalMicroseconds,
        DurationMicroseconds = (long)record.Duration.TotalMicroseconds,
        Caller = record.Caller,
        Team = record.Team,
        Token = record.Token,
        TraceId = record.TraceId,
    };

    /// <param name="currency">Null when nothing has a price.</param>
    public static UsageSeries SeriesOf(UsageRow row, string? currency) => new()
    {
        Source = row.Source,
        Environment = row.Environment ?? "",
        Namespace = row.Namespace ?? "",
        Flow = row.Flow ?? "",
        Prompt = row.Prompt ?? "",
        Revision = row.Revision ?? 0,
        Provider = row.Provider,
        Model = row.Model,
        User = row.Caller ?? "",
        Team = row.Team ?? "",
        Token = row.Token ?? "",
        Currency = currency ?? "",
    };

    /// <summary>Null when it is not known. What failed before the provider counted anything cost nothing, whatever its price.</summary>
    /// <param name="prices">What is in force.</param>
    /// <param name="provider">Empty when none was chosen; so is <paramref name="model"/>.</param>
    /// <param name="outcome">How the call ended.</param>
    /// <param name="requests">What each request to the model used.</param>
    /// <param name="startedAt">When it began.</param>
    public static Cost? CostOf(PriceList prices, string provider, string model, string outcome, IReadOnlyList<TokenUsage> requests, DateTimeOffset startedAt) =>
        outcome != UsageRow.Ok && requests is [var only] && only == s_nothing
            ? new Cost(0) { Currency = "" }
            : prices.Calculate(provider, model, requests, startedAt);
}
