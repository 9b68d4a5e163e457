namespace Portal.Features.Costs.Queries;

public enum CostRange
{
    /// <summary>The last 24 full hours, the running one included.</summary>
    Day,

    /// <summary>The last seven days of the reader's calendar, today included.</summary>
    Week,

    /// <summary>The month of the reader's calendar, to now.</summary>
    Month,

    Custom,
}

/// <summary>A stretch of time in UTC, <paramref name="To"/> excluded, and the one it is compared with.</summary>
public sealed record CostWindow(DateTime From, DateTime To, DateTime FromBefore, DateTime ToBefore)
{
    /// <summary>
    /// The window of a range that ends now. It ends with the running hour, and is compared with as much of the day, week or month before.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A custom range has no end of its own.</exception>
    public static CostWindow Of(CostRange range, DateTime now, TimeZoneInfo zone)
    {
        var to = LocalTime.NextHour(now) is var hour && hour == now ? hour.AddHours(1) : hour;
        var today = LocalTime.DayOf(now, zone);
        var month = new DateOnly(today.Year, today.Month, 1);
        return range switch
        {
            CostRange.Day => new CostWindow(to.AddDays(-1), to, to.AddDays(-2), to.AddDays(-1)),
            CostRange.Week => Between(LocalTime.StartOf(today.AddDays(-6), zone), to, LocalTime.StartOf(today.AddDays(-13), zone)),
            CostRange.Month => Between(LocalTime.StartOf(month, zone), to, LocalTime.StartOf(month.AddMonths(-1), zone)),
            _ => throw new ArgumentOutOfRangeException(nameof(range)),
        };
    }

    /// <summary>Any stretch; compared with one of the same length just before it.</summary>
    public static CostWindow Between(DateTime from, DateTime to) => new(from, to, from - (to - from), from);

    // A short month before a long one ends where this one begins.
    private static CostWindow Between(DateTime from, DateTime to, DateTime fromBefore) =>
        new(from, to, fromBefore, fromBefore + (to - from) is var end && end > from ? from : end);
}
