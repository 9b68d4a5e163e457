namespace Portal.Data;

/// <summary>
/// The sums of a series over a stretch of time. They change in the transaction that changes the calls, so that both always say the same.
/// </summary>
public abstract class UsageSums
{
    public required long SeriesId { get; init; }
    public long Calls { get; set; }

    /// <summary>Calls whose outcome is not <c>OK</c>.</summary>
    public long Errors { get; set; }

    /// <summary>Calls whose cost is not known; they are not in <see cref="CostNanos"/>.</summary>
    public long Unpriced { get; set; }

    /// <summary>Calls that were cut off before the provider had told all: they cost at least what is in <see cref="CostNanos"/>.</summary>
    public long Incomplete { get; set; }

    /// <summary>Requests to the model, of which a call with tools makes several.</summary>
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

    /// <summary>Billionths of the series' currency.</summary>
    public long CostNanos { get; set; }
    public long DurationMicroseconds { get; set; }

    /// <summary>Counts a call in.</summary>
    public void Add(UsageRow row) => Count(row, 1);

    /// <summary>Takes a call out that is counted in.</summary>
    public void Remove(UsageRow row) => Count(row, -1);

    private protected virtual void Count(UsageRow row, int times)
    {
        Calls += times;
        Errors += row.Outcome == UsageRow.Ok ? 0 : times;
        Unpriced += row.CostNanos is null ? times : 0;
        Incomplete += row.Incomplete ? times : 0;
        Requests += (row.Requests ?? 1) * times;
        InputTokens += (row.InputTokens ?? 0) * times;
        OutputTokens += (row.OutputTokens ?? 0) * times;
        CachedInputTokens += (row.CachedInputTokens ?? 0) * times;
        CacheWriteTokens += (row.CacheWriteTokens ?? 0) * times;
        CacheWriteHourTokens += (row.CacheWriteHourTokens ?? 0) * times;
        ReasoningTokens += (row.ReasoningTokens ?? 0) * times;
        InputAudioTokens += (row.InputAudioTokens ?? 0) * times;
        OutputAudioTokens += (row.OutputAudioTokens ?? 0) * times;
        CachedAudioTokens += (row.CachedAudioTokens ?? 0) * times;
        InputImageTokens += (row.InputImageTokens ?? 0) * times;
        OutputImageTokens += (row.OutputImageTokens ?? 0) * times;
        CostNanos += (row.CostNanos ?? 0) * times;
        DurationMicroseconds += row.DurationMicroseconds * times;
    }
}
