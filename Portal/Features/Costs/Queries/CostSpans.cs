namespace Portal.Features.Costs.Queries;

/// <summary>Where the figures of spans are read: full hours from the sums of hours, what is left at their ends from the calls themselves.</summary>
/// <param name="Hours">Hours since 1970, the end excluded, with the number of their span.</param>
/// <param name="Seconds">Seconds since 1970, the end excluded.</param>
internal sealed record CostSpans(IReadOnlyList<CostSpans.Part> Hours, IReadOnlyList<CostSpans.Part> Seconds)
{
    private const int SecondsOfHour = 3600;

    /// <param name="spans">With a number each, which may stand for several.</param>
    public static CostSpans Of(IEnumerable<(int Number, BucketSpan Span)> spans)
    {
        var (hours, seconds) = (new List<Part>(), new List<Part>());
        foreach (var (number, span) in spans)
        {
            var (from, to) = (Seconds1970(span.From), Seconds1970(span.To));
            var (first, last) = ((from + SecondsOfHour - 1) / SecondsOfHour, to / SecondsOfHour);
            if (first > last)
            {
                Add(seconds, number, from, to);
                continue;
            }

            Add(hours, number, first, last);
            Add(seconds, number, from, first * SecondsOfHour);
            Add(seconds, number, last * SecondsOfHour, to);
        }

        return new CostSpans(hours, seconds);
    }

    /// <summary>Begins and ends at full hours where single calls are not kept any more; spans that vanish by that are left out.</summary>
    public static (IReadOnlyList<BucketSpan> Spans, bool IsRounded) Round(IReadOnlyList<BucketSpan> spans, DateTime callsSince)
    {
        var rounded = spans.Select(span => new BucketSpan(Snap(span.From), Snap(span.To))).Where(span => span.From < span.To).ToList();
        return (rounded, !rounded.SequenceEqual(spans));

        DateTime Snap(DateTime time) => time < callsSince ? LocalTime.FullHour(time) : time;
    }

    private static void Add(List<Part> parts, int number, long from, long to)
    {
        if (from < to)
        {
            parts.Add(new Part(number, from, to));
        }
    }

    private static long Seconds1970(DateTime time) => new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds();

    /// <summary>A stretch of one table that belongs to a span.</summary>
    public readonly record struct Part(int Number, long From, long To);
}
