namespace Portal.Features.Costs.Queries;

public enum CostBucket
{
    Hour,
    Day,
}

/// <summary>A column of the chart: a stretch of time in UTC, <paramref name="To"/> excluded.</summary>
public sealed record BucketSpan(DateTime From, DateTime To);

/// <summary>Cuts a window at full hours or at midnights of a zone.</summary>
public static class CostBuckets
{
    /// <summary>Hours of this many days at most; a window may have this many days.</summary>
    public const int MostDaysOfHours = 14;
    public const int MostDays = 400;

    private static readonly TimeSpan s_twoDays = TimeSpan.FromHours(49);

    /// <summary>The one that suits a window's length.</summary>
    public static CostBucket For(TimeSpan length) => length <= s_twoDays ? CostBucket.Hour : CostBucket.Day;

    /// <summary>In order, without gaps, together exactly the window.</summary>
    public static IReadOnlyList<BucketSpan> Of(DateTime from, DateTime to, CostBucket bucket, TimeZoneInfo zone)
    {
        var spans = new List<BucketSpan>();
        for (var start = from; start < to;)
        {
            var next = bucket == CostBucket.Hour ? LocalTime.FullHour(start).AddHours(1) : LocalTime.StartOf(LocalTime.DayOf(start, zone).AddDays(1), zone);
            var end = next < to ? next : to;
            spans.Add(new BucketSpan(start, end));
            start = end;
        }

        return spans;
    }
}
