namespace Portal.Data;

/// <summary>The sums of a series over a day of UTC: those of its <see cref="UsageHour"/>s, which they change with.</summary>
public sealed class UsageDay
{
    /// <summary>Days since 1970.</summary>
    public required long Day { get; init; }
    public required long SeriesId { get; init; }
    public long Calls { get; set; }
    public long Errors { get; set; }
    public long Unpriced { get; set; }
    public long Incomplete { get; set; }
    public long Requests { get; set; }
    public long InputTokens { get; set; }
    public long OutputTokens { get; set; }
    public long CachedInputTokens { get; set; }
    public long CacheWriteTokens { get; set; }
    public long CacheWriteHourTokens { get; set; }
    public long ReasoningTokens { get; set; }
    public long InputAudioTokens { get; set; }
    public long OutputAudioTokens { get; set; }
    public long CachedAudioTokens { get; set; }
    public long InputImageTokens { get; set; }
    public long OutputImageTokens { get; set; }
    public long CostNanos { get; set; }
    public long DurationMicroseconds { get; set; }
}
