namespace Portal.Features.Costs.Queries;

/// <summary>
/// Where the figures of spans are read. Days of UTC come from the sums of days; a span that begins or ends at another hour, as days elsewhere do, has the hours
/// between added or taken away again; what is left of an hour comes from the calls themselves. Sums are exact, whichever way they are put together.
/// </summary>
/// <param name="Days">Days since 1970.</param>
/// <param name="Hours">Hours since 1970.</param>
/// <param name="Seconds">Seconds since 1970.</param>
internal sealed record CostSpans(IReadOnlyList<CostSpans.Part> Days, IReadOnlyList<CostSpans.Part> Hours, IReadOnlyList<CostSpans.Part> Seconds)
{
    private const int SecondsOfHour = 3600;
    private const int HoursOfDay = 24;

    /// <param name="spans">With a number each, which may stand for several.</param>
    public static CostSpans Of(IEnumerable<(int Number, BucketSpan Span)> spans)
    {
        var (days, hours, seconds) = (new List<Part>(), new List<Part>(), new List<Part>());
        foreach (var (number, span) in spans)
        {
            var (from, to) = (Seconds1970(span.From), Seconds1970(span.To));
            var (first, last) = ((from + SecondsOfHour - 1) / SecondsOfHour, to / SecondsOfHour);
            if (first > last)
            {
                Add(seconds, number, 1, from, to);
                continue;
            }

            Add(seconds, number, 1, from, first * SecondsOfHour);
            Add(seconds, number, 1, last * SecondsOfHour, to);
            var (firstDay, lastDay) = (NearestDay(first), NearestDay(last));
            if (firstDay >= lastDay)
            {
                Add(hours, number, 1, first, last);
                continue;
            }

            Add(days, number, 1, firstDay, lastDay);
            Add(hours, number, 1, first, firstDay * HoursOfDay);
            Add(hours, number, -1, firstDay * HoursOfDay, first);
            Add(hours, number, 1, lastDay * HoursOfDay, last);
            Add(hours, number, -1, last, lastDay * HoursOfDay);
        }

        return new CostSpans(days, hours, seconds);
    }

    /// <summary>
    /// Begins and ends at full hours where single calls are not kept any more, and at days of UTC where hours are not; spans that vanish by that are left out.
    /// </summary>
    public static (IReadOnlyList<BucketSpan> Spans, bool IsRounded) Round(IReadOnlyList<BucketSpan> spans, DateTime callsSince, DateTime hoursSince)
    {
        var rounded = spans.Select(span => new BucketSpan(Snap(span.From), Snap(span.To))).Where(span => span.From < span.To).ToList();
        return (rounded, !rounded.SequenceEqual(spans));

        DateTime Snap(DateTime time) => time < hoursSince.Date ? time.Date : time < callsSince ? LocalTime.FullHour(time) : time;
    }

    private static long NearestDay(long hour) => (hour + (HoursOfDay / 2)) / HoursOfDay;

    private static void Add(List<Part> parts, int number, int sign, long from, long to)
    {
        if (from < to)
        {
            parts.Add(new Part(number, sign, from, to));
        }
    }

    private static long Seconds1970(DateTime time) => new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds();

    /// <summary>A stretch of one table, the end excluded, that is added to a span or, with the sign −1, taken away from it.</summary>
    public readonly record struct Part(int Number, int Sign, long From, long To);
}
