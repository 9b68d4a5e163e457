namespace Portal.Data;

/// <summary>The sums of a series over an hour of UTC. They change in the transaction that changes the calls, so that both always say the same.</summary>
public sealed class UsageHour
{
    /// <summary>Hours since 1970.</summary>
    public required long Hour { get; init; }
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

    /// <summary>Calls that took up to 10 ms; each of the next those that took longer than the one before says.</summary>
    public long Ms10 { get; set; }
    public long Ms25 { get; set; }
    public long Ms50 { get; set; }
    public long Ms100 { get; set; }
    public long Ms250 { get; set; }
    public long Ms500 { get; set; }
    public long Ms1000 { get; set; }
    public long Ms2500 { get; set; }
    public long Ms5000 { get; set; }
    public long Ms10000 { get; set; }
    public long Ms30000 { get; set; }
    public long Ms60000 { get; set; }
    public long MsMore { get; set; }

    /// <summary>Counts a call in.</summary>
    public void Add(UsageRow row) => Count(row, 1);

    /// <summary>Takes a call out that is counted in.</summary>
    public void Remove(UsageRow row) => Count(row, -1);

    private void Count(UsageRow row, int times)
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
        CountLatency(row.DurationMicroseconds, times);
    }

    private void CountLatency(long microseconds, int times)
    {
        switch (microseconds)
        {
            case <= 10_000: Ms10 += times; break;
            case <= 25_000: Ms25 += times; break;
            case <= 50_000: Ms50 += times; break;
            case <= 100_000: Ms100 += times; break;
            case <= 250_000: Ms250 += times; break;
            case <= 500_000: Ms500 += times; break;
            case <= 1_000_000: Ms1000 += times; break;
            case <= 2_500_000: Ms2500 += times; break;
            case <= 5_000_000: Ms5000 += times; break;
            case <= 10_000_000: Ms10000 += times; break;
            case <= 30_000_000: Ms30000 += times; break;
            case <= 60_000_000: Ms60000 += times; break;
            default: MsMore += times; break;
        }
    }
}
