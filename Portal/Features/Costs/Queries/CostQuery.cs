namespace Portal.Features.Costs.Queries;

/// <summary>What is asked of usage: a window, how it is cut and grouped, and which part of it counts. Times are UTC.</summary>
public sealed record CostQuery
{
    public required CostWindow Window { get; init; }
    public required CostDimension GroupBy { get; init; }
    public CostFilters Filters { get; init; } = CostFilters.Empty;

    /// <summary>Currency of the amounts that are compared and charted; null takes the one most calls are priced in. Amounts of different currencies are never added.</summary>
    public string? Currency { get; init; }

    public required CostBucket Bucket { get; init; }

    /// <summary>Where days begin.</summary>
    public required TimeZoneInfo Zone { get; init; }

    public IReadOnlyList<BucketSpan> Spans => CostBuckets.Of(Window.From, Window.To, Bucket, Zone);
}
