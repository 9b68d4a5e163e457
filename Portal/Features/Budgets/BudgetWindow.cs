namespace Portal.Features.Budgets;

/// <summary>
/// A window of the calendar in a time zone, from <see cref="From"/> on and before <see cref="To"/>. The windows of a period cover all of time without gap
/// and overlap, also where clocks are set: a day may have 23 or 25 hours, or begin at one o'clock because midnight was left out.
/// </summary>
/// <param name="From">In UTC.</param>
/// <param name="To">In UTC; the begin of the next window.</param>
/// <param name="FirstDay">The first day, in the zone.</param>
/// <param name="LastDay">The last day, in the zone.</param>
public sealed record BudgetWindow(DateTimeOffset From, DateTimeOffset To, DateOnly FirstDay, DateOnly LastDay)
{
    // Zones differ from UTC by at most 14 hours; a whole day was left out at the date line.
    private static readonly TimeSpan s_reach = TimeSpan.FromHours(40);
    private static readonly DateTimeOffset s_first = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_last = new(9990, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public TimeSpan Length => To - From;

    /// <summary>The window that <paramref name="now"/> is in. A clock that shows a year before 1900 or after 9990 is taken to show those.</summary>
    public static BudgetWindow At(BudgetPeriod period, TimeZoneInfo zone, DateTimeOffset now)
    {
        var instant = now < s_first ? s_first : now > s_last ? s_last : now;
        var day = FirstDayOf(period, DayOf(zone, instant));
        var window = Between(day, Next(period, day), zone);

        // Clocks that are set back over midnight show the day before once more: it is over all the same.
        while (instant >= window.To)
        {
            day = Next(period, day);
            window = Between(day, Next(period, day), zone);
        }

        while (instant < window.From)
        {
            day = FirstDayOf(period, day.AddDays(-1));
            window = Between(day, Next(period, day), zone);
        }

        return window;
    }

    /// <summary>The day it is in a zone.</summary>
    public static DateOnly DayOf(TimeZoneInfo zone, DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    /// <summary>The first instant of a day: of two midnights the earlier, and where there is none, the end of the gap.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        if (zone.IsInvalidTime(midnight))
        {
            return EndOfGap(midnight, zone);
        }

        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).ToUniversalTime();
    }

    private static BudgetWindow Between(DateOnly first, DateOnly next, TimeZoneInfo zone) => new(StartOf(first, zone), StartOf(next, zone), first, next.AddDays(-1));

    private static DateOnly FirstDayOf(BudgetPeriod period, DateOnly day) => period switch
    {
        BudgetPeriod.Day => day,
        BudgetPeriod.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        BudgetPeriod.Month => new DateOnly(day.Year, day.Month, 1),
        BudgetPeriod.Quarter => new DateOnly(day.Year, day.Month - ((day.Month - 1) % 3), 1),
        BudgetPeriod.Year => new DateOnly(day.Year, 1, 1),
        _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
    };

    private static DateOnly Next(BudgetPeriod period, DateOnly first) => period switch
    {
        BudgetPeriod.Day => first.AddDays(1),
        BudgetPeriod.Week => first.AddDays(7),
        BudgetPeriod.Month => first.AddMonths(1),
        BudgetPeriod.Quarter => first.AddMonths(3),
        BudgetPeriod.Year => first.AddYears(1),
        _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
    };

    /// <summary>The first instant at which the zone's clocks show <paramref name="local"/>, which they leave out, or something later.</summary>
    private static DateTimeOffset EndOfGap(DateTime local, TimeZoneInfo zone)
    {
        var (before, after) = (new DateTimeOffset(local, TimeSpan.Zero) - s_reach, new DateTimeOffset(local, TimeSpan.Zero) + s_reach);
        while (after - before > TimeSpan.FromSeconds(1))
        {
            var middle = new DateTimeOffset(before.Ticks + ((after.Ticks - before.Ticks) / 2 / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond), TimeSpan.Zero);
            (before, after) = TimeZoneInfo.ConvertTime(middle, zone).DateTime < local ? (middle, after) : (before, middle);
        }

        return after;
    }
}
