namespace Portal.Features.Budgets;

/// <summary>What will be spent by the end of a window, and how sure that is. Of nine in ten windows the sum should end between low and high.</summary>
/// <param name="ProjectedNanos">Billionths: what is spent and what is expected to come.</param>
/// <param name="LowNanos">Never less than what is spent.</param>
/// <param name="HighNanos">Never less than <paramref name="ProjectedNanos"/>.</param>
/// <param name="Confidence">How much there is to go by.</param>
/// <param name="CapDay">The day on which the cap is expected to be reached; null when it is not within the window, or there is no cap.</param>
/// <param name="KnowsWeekdays">Whether each day of the week has an expectation of its own.</param>
public sealed record Forecast(long ProjectedNanos, long LowNanos, long HighNanos, ForecastConfidence Confidence, DateOnly? CapDay, bool KnowsWeekdays)
{
    /// <summary>Days that are looked back at.</summary>
    public const int History = 56;

    private const int Week = 7;
    private const int Fortnight = 14;
    private const double HalfLife = 14;
    private const double Spread = 1.645; // nine in ten, of what is spread normally

    /// <param name="history">Days before today in order, without gaps: a day without spending is a day of zero. Leading days of zero do not count.</param>
    /// <param name="window">The window that <paramref name="now"/> is in.</param>
    /// <param name="spent">Billionths, since the window began.</param>
    /// <param name="now">Between the window's begin and end.</param>
    /// <param name="zone">Of the window and of the days.</param>
    /// <param name="cap">Billionths; null for none.</param>
    public static Forecast Of(IReadOnlyList<DaySpend> history, BudgetWindow window, long spent, DateTimeOffset now, TimeZoneInfo zone, long? cap = null)
    {
        var today = BudgetWindow.DayOf(zone, now);
        var days = history.Where(day => day.Day < today).SkipWhile(day => day.Nanos == 0).TakeLast(History).ToList();
        var model = days.Count >= 1 ? Expectation.Of(days, today) : FromToday(window, spent, now, zone, today);
        if (model is null)
        {
            return new Forecast(spent, spent, spent, ForecastConfidence.None, spent >= cap ? today : null, KnowsWeekdays: false);
        }

        double sum = spent, remaining = 0;
        DateOnly? capDay = spent >= cap ? today : null;
        for (var day = today; day <= window.LastDay; day = day.AddDays(1))
        {
            var part = day == today ? LeftOf(today, zone, now) : 1;
            remaining += part;
            sum += part * model.On(day.DayOfWeek);
            capDay ??= sum >= cap ? day : null;
        }

        var half = Spread * Math.Sqrt((remaining * model.Variance) + (remaining * remaining * model.Variance / model.Weight));
        return new Forecast(Nanos(sum), Math.Max(spent, Nanos(sum - half)), Nanos(sum + half), ConfidenceOf(days.Count, half, sum), capDay, model.KnowsWeekdays);
    }

    private static ForecastConfidence ConfidenceOf(int days, double half, double sum) => (days, sum <= 0 ? 0 : half / sum) switch
    {
        ( < Week, _) => ForecastConfidence.Low,
        ( >= Fortnight, <= 0.1) => ForecastConfidence.High,
        (_, <= 0.3) => ForecastConfidence.Medium,
        _ => ForecastConfidence.Low,
    };

    /// <summary>On the first day there is only what the day has seen so far; nothing is made of less than two hours.</summary>
    private static Expectation? FromToday(BudgetWindow window, long spent, DateTimeOffset now, TimeZoneInfo zone, DateOnly today)
    {
        var begin = BudgetWindow.StartOf(today, zone) is var start && start > window.From ? start : window.From;
        var seen = now - begin;
        return spent == 0 || seen < TimeSpan.FromHours(2) ? null : Expectation.Flat(spent / seen.TotalDays);
    }

    private static double LeftOf(DateOnly today, TimeZoneInfo zone, DateTimeOffset now)
    {
        var (begin, end) = (BudgetWindow.StartOf(today, zone), BudgetWindow.StartOf(today.AddDays(1), zone));
        return Math.Clamp((end - now) / (end - begin), 0, 1);
    }

    private static long Nanos(double value) => value >= long.MaxValue ? long.MaxValue : (long)Math.Round(Math.Max(0, value));

    /// <summary>What a day is expected to cost: recent days count more, and with a fortnight to look at each day of the week stands for itself.</summary>
    /// <param name="Days">By day of the week.</param>
    /// <param name="Variance">Of a day around its expectation.</param>
    /// <param name="Weight">How many days the expectation is made of, in effect.</param>
    private sealed record Expectation(double[] Days, double Variance, double Weight, bool KnowsWeekdays)
    {
        public double On(DayOfWeek day) => Days[(int)day];

        public static Expectation Flat(double nanos) => new([.. Enumerable.Repeat(nanos, Week)], nanos * nanos, 1, KnowsWeekdays: false);

        public static Expectation Of(List<DaySpend> days, DateOnly today)
        {
            var weighted = days.Select(day => (day.Day.DayOfWeek, Nanos: (double)day.Nanos, Weight: Math.Pow(0.5, (today.DayNumber - day.Day.DayNumber) / HalfLife))).ToList();
            var total = weighted.Sum(day => day.Weight);
            var mean = weighted.Sum(day => day.Nanos * day.Weight) / total;
            var knowsWeekdays = days.Count >= Fortnight;
            var expected = Enumerable.Range(0, Week).Select(weekday =>
            {
                var own = weighted.Where(day => (int)day.DayOfWeek == weekday).ToList();
                return knowsWeekdays && own.Count > 0 ? own.Sum(day => day.Nanos * day.Weight) / own.Sum(day => day.Weight) : mean;
            }).ToArray();
            var effective = total * total / weighted.Sum(day => day.Weight * day.Weight);
            var free = Math.Max(1, effective - (knowsWeekdays ? Week : 1)) / effective;
            var squares = weighted.Sum(day => day.Weight * Math.Pow(day.Nanos - expected[(int)day.DayOfWeek], 2)) / total / free;

            // One day says nothing of how days differ: it may as well be half or double.
            return new Expectation(expected, days.Count == 1 ? mean * mean / 2 : squares, effective, knowsWeekdays);
        }
    }
}

/// <param name="Nanos">Billionths of the currency.</param>
public sealed record DaySpend(DateOnly Day, long Nanos);

/// <summary>How much a forecast has to go by.</summary>
public enum ForecastConfidence
{
    /// <summary>Nothing yet: it says what is spent.</summary>
    None,
    Low,
    Medium,
    High,
}
