using Portal.Features.Budgets;

namespace Portal.Tests.Portal.Budgets;

public class ForecastTests
{
    private const long Dollar = 1_000_000_000;

    // The 16th of 30: noon.
    private static readonly DateTimeOffset s_now = new(2026, 6, 16, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly s_today = new(2026, 6, 16);
    private static readonly BudgetWindow s_june = BudgetWindow.At(BudgetPeriod.Month, TimeZoneInfo.Utc, s_now);

    [Fact]
    public void Of_SameEveryDay_IsExactAndSure()
    {
        var forecast = Of(Days(40, _ => 10), spent: 155, cap: 200);

        Assert.Equal((300 * Dollar, ForecastConfidence.High, new DateOnly(2026, 6, 20)), (forecast.ProjectedNanos, forecast.Confidence, forecast.CapDay));
        Assert.Equal(forecast.LowNanos, forecast.HighNanos);
    }

    [Fact]
    public void Of_WeekendsAreQuiet_KnowsThemAfterAFortnight()
    {
        static double Weekly(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : 10;
        var remaining = Enumerable.Range(17, 14).Sum(day => Weekly(new DateOnly(2026, 6, day))) + 5;

        var forecast = Of(Days(28, Weekly), spent: 100);
        var early = Of(Days(9, Weekly), spent: 100);

        Assert.Equal(((100 + (long)remaining) * Dollar, true, ForecastConfidence.High), (forecast.ProjectedNanos, forecast.KnowsWeekdays, forecast.Confidence));
        Assert.False(early.KnowsWeekdays);
        Assert.NotEqual(ForecastConfidence.High, early.Confidence);
    }

    [Fact]
    public void Of_NothingYet_SaysWhatIsSpentAndNothingMore()
    {
        var forecast = Forecast.Of([], s_june, 3 * Dollar, s_june.From.AddHours(1), TimeZoneInfo.Utc, 100 * Dollar);

        Assert.Equal(new Forecast(3 * Dollar, 3 * Dollar, 3 * Dollar, ForecastConfidence.None, null, false), forecast);
    }

    [Fact]
    public void Of_FirstDay_TakesTheDaySoFarAndIsUnsure()
    {
        var forecast = Forecast.Of([], s_june, 6 * Dollar, s_june.From.AddHours(12), TimeZoneInfo.Utc, 100 * Dollar);

        Assert.Equal((360 * Dollar, ForecastConfidence.Low, new DateOnly(2026, 6, 9)), (forecast.ProjectedNanos, forecast.Confidence, forecast.CapDay));
        Assert.True(forecast.HighNanos > 2 * forecast.ProjectedNanos - (6 * Dollar));
    }

    [Fact]
    public void Of_CapIsReached_IsToday() => Assert.Equal(s_today, Of(Days(20, _ => 1), spent: 200, cap: 200).CapDay);

    [Fact]
    public void Of_CapBeyondTheWindow_HasNoDay() => Assert.Null(Of(Days(20, _ => 10), spent: 155, cap: 301).CapDay);

    [Fact]
    public void Of_SpendingRoseLately_BelievesTheRecentDaysMore()
    {
        var forecast = Of(Days(40, day => s_today.DayNumber - day.DayNumber <= 7 ? 20 : 10), spent: 0);

        Assert.InRange((double)forecast.ProjectedNanos / Dollar, 14.5 * 12.5, 14.5 * 20);
    }

    [Fact]
    public void Of_RandomDays_HoldsItsPromises()
    {
        var random = new Random(7);
        var (inside, total) = (0, 0);
        for (var round = 0; round < 300; round++)
        {
            var level = random.NextDouble() * 100;
            double Draw() => Math.Max(0, level * (1 + (0.3 * Gauss(random))));
            var spent = (long)(Enumerable.Range(0, 15).Sum(_ => Draw()) * Dollar);
            var forecast = Forecast.Of(Days(1 + random.Next(50), _ => Draw()), s_june, spent, s_now, TimeZoneInfo.Utc, (long)(level * 30 * Dollar));
            var actual = spent + (long)((Enumerable.Range(0, 14).Sum(_ => Draw()) + (Draw() / 2)) * Dollar);

            Assert.True(forecast.LowNanos >= spent && forecast.ProjectedNanos >= forecast.LowNanos && forecast.HighNanos >= forecast.ProjectedNanos);
            Assert.True(forecast.CapDay is null || (forecast.CapDay >= s_today && forecast.CapDay <= s_june.LastDay));
            inside += actual >= forecast.LowNanos && actual <= forecast.HighNanos ? 1 : 0;
            total++;
        }

        Assert.InRange((double)inside / total, 0.8, 1);
    }

    private static Forecast Of(IReadOnlyList<DaySpend> history, long spent, long? cap = null) =>
        Forecast.Of(history, s_june, spent * Dollar, s_now, TimeZoneInfo.Utc, cap * Dollar);

    private static List<DaySpend> Days(int count, Func<DateOnly, double> dollars) =>
        [.. Enumerable.Range(1, count).Reverse().Select(back => s_today.AddDays(-back)).Select(day => new DaySpend(day, (long)(dollars(day) * Dollar)))];

    private static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
