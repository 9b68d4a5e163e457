namespace Portal.Features.Costs.Queries;

/// <summary>What the chart shows.</summary>
public enum CostMetric
{
    Cost,
    Calls,
    Tokens,
}

/// <summary>Columns of the table that it can be sorted by.</summary>
public enum CostSort
{
    Cost,
    Name,
    Change,
    Calls,
    Tokens,
    PerCall,
}

/// <summary>The state of the cost page: the query of its address and of the REST API. Defaults are left out of addresses.</summary>
public sealed record CostView
{
    public CostRange Range { get; init; } = CostRange.Week;

    /// <summary>Of a custom range, by the clocks of <see cref="Zone"/>.</summary>
    public DateTime? From { get; init; }

    /// <summary>Excluded.</summary>
    public DateTime? To { get; init; }

    /// <summary>IANA name; null is the reader's own.</summary>
    public string? Zone { get; init; }

    public CostDimension Group { get; init; } = CostDimension.Flow;
    public CostFilters Filters { get; init; } = CostFilters.Empty;
    public CostMetric Metric { get; init; } = CostMetric.Cost;
    public CostSort Sort { get; init; } = CostSort.Cost;
    public bool Ascending { get; init; }

    /// <summary>Whether the figures of the chart are shown instead of it.</summary>
    public bool AsTable { get; init; }

    public string? Currency { get; init; }

    /// <summary>Null is what suits the window.</summary>
    public CostBucket? Bucket { get; init; }

    /// <param name="now">UTC.</param>
    /// <param name="readersZone">Where no zone is said.</param>
    public CostQuery ToQuery(DateTime now, TimeZoneInfo readersZone)
    {
        var zone = Zone is { } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var known) ? known : readersZone;
        var window = Range == CostRange.Custom && From is { } from && To is { } to
            ? CostWindow.Between(LocalTime.ToUtc(from, zone), LocalTime.ToUtc(to, zone))
            : CostWindow.Of(Range == CostRange.Custom ? CostRange.Week : Range, now, zone);
        var length = window.To - window.From;
        var bucket = Bucket == CostBucket.Hour && length.TotalDays > CostBuckets.MostDaysOfHours ? CostBucket.Day : Bucket ?? CostBuckets.For(length);
        return new CostQuery { Window = window, GroupBy = Group, Filters = Filters, Currency = Currency, Bucket = bucket, Zone = zone };
    }
}
