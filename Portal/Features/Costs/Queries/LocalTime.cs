namespace Portal.Features.Costs.Queries;

/// <summary>Between a zone's wall clock and UTC, on days with 23 and 25 hours too.</summary>
internal static class LocalTime
{
    private static readonly TimeSpan s_step = TimeSpan.FromMinutes(15);

    /// <summary>A time the clocks skip is the first that is there; one they show twice is the first of the two.</summary>
    public static DateTime ToUtc(DateTime local, TimeZoneInfo zone)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(local))
        {
            local += s_step;
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return DateTime.SpecifyKind(local - offset, DateTimeKind.Utc);
    }

    public static DateTime FromUtc(DateTime utc, TimeZoneInfo zone) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), zone);

    public static DateOnly DayOf(DateTime utc, TimeZoneInfo zone) => DateOnly.FromDateTime(FromUtc(utc, zone));

    public static DateTime StartOf(DateOnly day, TimeZoneInfo zone) => ToUtc(day.ToDateTime(TimeOnly.MinValue), zone);

    /// <summary>The full hour at or after a time.</summary>
    public static DateTime NextHour(DateTime utc) => FullHour(utc) is var hour && hour == utc ? utc : hour.AddHours(1);

    /// <summary>The full hour at or before a time.</summary>
    public static DateTime FullHour(DateTime utc) => new(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerHour), DateTimeKind.Utc);
}
