namespace Portal.Features.Budgets.Jumps;

/// <summary>
/// Finds jumps in hours of calls. It stays silent when there is little to go by: a jump takes enough calls before and after, at least half as much again, and
/// a difference many times as large as hours differ from each other.
/// </summary>
public static class CostJumpDetector
{
    /// <summary>How far back hours are looked at.</summary>
    public static readonly TimeSpan Lookback = TimeSpan.FromDays(15);

    private const int LeastBefore = 30;
    private const int LeastAfter = 20;
    private const int LeastHours = 3;
    private const double LeastFactor = 1.5;
    private const double LeastFactorUnexplained = 2;
    private const long LeastTotal = 10_000_000; // a cent
    private const int LeastDays = 7;
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);

    /// <param name="hours">In order; hours without calls may be missing.</param>
    /// <param name="causes">All that may explain a jump.</param>
    /// <param name="now">The end of what is looked at.</param>
    /// <returns>The largest jump that lasts until now; null when there is none.</returns>
    public static CostJump? Find(IReadOnlyList<CostHour> hours, IReadOnlyList<CostCause> causes, DateTimeOffset now) => PerCall(hours, causes, now) ?? Total(hours, causes, now);

    private static CostJump? PerCall(IReadOnlyList<CostHour> hours, IReadOnlyList<CostCause> causes, DateTimeOffset now)
    {
        var ordered = causes.Where(cause => cause.At > now - s_week && cause.At < now).OrderBy(cause => cause.At).ToList();
        var lately = Sample.Of(hours, now - s_day, now);
        CostJump? found = null;
        foreach (var (index, cause) in ordered.Index())
        {
            var begin = index > 0 && ordered[index - 1].At is var previous && previous > cause.At - s_week ? previous : cause.At - s_week;
            var (before, after) = (Sample.Of(hours, begin, cause.At), Sample.Of(hours, cause.At, now));
            var current = cause.At < now - s_day && lately.Calls >= LeastAfter ? lately : after;
            if (IsJump(before, after, LeastFactor, deviations: 4) && current.Mean >= LeastFactor * before.Mean && after.Mean / before.Mean > (found?.Factor ?? 0))
            {
                found = new CostJump(CostJumpKind.PerCall, cause.At, (long)before.Mean, (long)after.Mean, cause);
            }
        }

        if (found is null && ordered.Count == 0)
        {
            var before = Sample.Of(hours, now - s_week - s_day, now - s_day);
            if (before.Hours >= 4 * LeastHours && IsJump(before, lately, LeastFactorUnexplained, deviations: 6))
            {
                found = new CostJump(CostJumpKind.PerCall, now - s_day, (long)before.Mean, (long)lately.Mean, null);
            }
        }

        return found;
    }

    private static bool IsJump(Sample before, Sample after, double factor, double deviations)
    {
        if (before.Calls < LeastBefore || before.Hours < LeastHours || after.Calls < LeastAfter || before.Mean <= 0 || after.Mean < factor * before.Mean)
        {
            return false;
        }

        var error = before.Deviation * Math.Sqrt((1.0 / before.Hours) + (1.0 / after.Hours));
        return after.Mean - before.Mean > deviations * error;
    }

    /// <summary>The last 24 hours against each of the 24 hours before.</summary>
    private static CostJump? Total(IReadOnlyList<CostHour> hours, IReadOnlyList<CostCause> causes, DateTimeOffset now)
    {
        var days = Enumerable.Range(0, (int)Lookback.TotalDays - 1).Select(back => Sample.Of(hours, now - ((back + 1) * s_day), now - (back * s_day))).ToList();
        var (last, before) = (days[0], days.Skip(1).Reverse().SkipWhile(day => day.Calls == 0).Select(day => (double)day.Nanos).Order().ToList());
        if (before.Count < LeastDays || last.Calls < LeastBefore)
        {
            return null;
        }

        var median = before[before.Count / 2];
        var spread = before.Select(day => Math.Abs(day - median)).Order().ElementAt(before.Count / 2) * 1.4826;
        return last.Nanos > median + Math.Max(5 * spread, median) && last.Nanos > LeastFactor * before[^1] && last.Nanos - median > LeastTotal
            ? new CostJump(CostJumpKind.Total, now - s_day, (long)median, last.Nanos, causes.Where(cause => cause.At > now - (1.25 * s_day) && cause.At < now).MaxBy(cause => cause.At))
            : null;
    }

    /// <param name="Mean">Of a call.</param>
    /// <param name="Deviation">Of an hour's mean call from the mean call, hours with more calls counting more.</param>
    private sealed record Sample(long Calls, long Nanos, int Hours, double Mean, double Deviation)
    {
        public static Sample Of(IReadOnlyList<CostHour> all, DateTimeOffset from, DateTimeOffset to)
        {
            var hours = all.Where(hour => hour.At >= from && hour.At < to && hour.Calls > 0).ToList();
            var (calls, nanos) = (hours.Sum(hour => hour.Calls), hours.Sum(hour => hour.Nanos));
            var mean = calls == 0 ? 0 : (double)nanos / calls;
            var squares = hours.Sum(hour => hour.Calls * Math.Pow(((double)hour.Nanos / hour.Calls) - mean, 2));
            return new Sample(calls, nanos, hours.Count, mean, calls == 0 ? 0 : Math.Sqrt(squares / calls));
        }
    }
}
