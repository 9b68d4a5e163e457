using Portal.Features.Budgets.Jumps;

namespace Portal.Tests.Portal.Budgets.Jumps;

public class CostJumpDetectorTests
{
    private const long Cent = 10_000_000;
    private static readonly DateTimeOffset s_now = new(2026, 6, 16, 12, 0, 0, TimeSpan.Zero);
    private static readonly CostCause s_revision = new(s_now.AddHours(-10), "revision r13", "/r13");

    [Fact]
    public void Find_CallsCostTwiceSinceARevision_NamesIt()
    {
        var jump = CostJumpDetector.Find(Hours(14 * 24, hour => (5, hour.At >= s_revision.At ? 2.2 : 1)), [s_revision], s_now);

        Assert.Equal((CostJumpKind.PerCall, s_revision, s_revision.At), (jump!.Kind, jump.Cause, jump.Since));
        Assert.Equal((1 * Cent, 2.2), (jump.Before, Math.Round(jump.Factor, 1)));
    }

    [Fact]
    public void Find_SeveralCauses_NamesTheOneAfterWhichItJumped()
    {
        CostCause before = new(s_now.AddHours(-40), "revision r12", ""), after = new(s_now.AddHours(-3), "revision r14", "");

        var jump = CostJumpDetector.Find(Hours(14 * 24, hour => (5, hour.At >= s_revision.At ? 2.2 : 1)), [after, s_revision, before], s_now);

        Assert.Equal(s_revision, jump!.Cause);
    }

    [Fact]
    public void Find_RolledBackSince_IsNoJumpAnyMore()
    {
        var revision = s_revision with { At = s_now.AddDays(-3) };

        Assert.Null(CostJumpDetector.Find(Hours(14 * 24, hour => (5, hour.At >= revision.At && hour.At < s_now.AddDays(-2) ? 3 : 1)), [revision], s_now));
    }

    [Theory]
    [InlineData(1, 5)] // calls an hour before, hours before
    [InlineData(20, 2)]
    public void Find_LittleBefore_SaysNothing(int calls, int hours) =>
        Assert.Null(CostJumpDetector.Find([.. Hours(10 + hours, hour => (hour.At < s_revision.At ? calls : 20, hour.At < s_revision.At ? 1 : 5))], [s_revision], s_now));

    [Fact]
    public void Find_LittleAfter_SaysNothing() =>
        Assert.Null(CostJumpDetector.Find(Hours(14 * 24, hour => (hour.At < s_revision.At ? 20 : 1, hour.At < s_revision.At ? 1 : 5)), [s_revision], s_now));

    [Fact]
    public void Find_DifferenceWithinWhatHoursDiffer_SaysNothing()
    {
        var random = new Random(3);

        Assert.Null(CostJumpDetector.Find(Hours(14 * 24, hour => (3, random.NextDouble() < 0.1 ? 20 : 1)), [s_revision], s_now));
    }

    [Fact]
    public void Find_SteadyRandomCalls_HardlyEverSaysSomething()
    {
        var random = new Random(11);
        var alarms = 0;
        for (var round = 0; round < 300; round++)
        {
            var calls = 1 + random.Next(40);
            var hours = Hours(14 * 24, _ => (random.Next(calls + 1), Math.Exp(random.NextDouble() - 0.5)));
            var causes = Enumerable.Range(0, random.Next(4)).Select(index => new CostCause(s_now.AddHours(-random.Next(160)), $"r{index}", "")).ToList();
            alarms += CostJumpDetector.Find(hours, causes, s_now) is null ? 0 : 1;
        }

        Assert.InRange(alarms, 0, 3);
    }

    [Fact]
    public void Find_CallsCostMoreWithoutAnyCause_SaysThatNoneIsKnown()
    {
        var jump = CostJumpDetector.Find(Hours(14 * 24, hour => (5, hour.At >= s_now.AddDays(-1) ? 3 : 1)), [], s_now);

        Assert.Equal((CostJumpKind.PerCall, (CostCause?)null), (jump!.Kind, jump.Cause));
    }

    [Fact]
    public void Find_ManyMoreCalls_IsAJumpOfTheDay()
    {
        var jump = CostJumpDetector.Find(Hours(14 * 24, hour => (hour.At >= s_now.AddDays(-1) ? 30 : 5, 1)), [s_revision], s_now);

        Assert.Equal((CostJumpKind.Total, s_revision, 120 * Cent, 720 * Cent), (jump!.Kind, jump.Cause, jump.Before, jump.After));
    }

    [Fact]
    public void Find_EveryWeekendIsQuiet_IsNoJumpOnMonday() => Assert.Null(CostJumpDetector.Find(
        Hours(14 * 24, hour => (hour.At.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : 10, 1)), [], new DateTimeOffset(2026, 6, 16, 0, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void Find_NothingAtAll_SaysNothing() => Assert.Null(CostJumpDetector.Find([], [s_revision], s_now));

    private static List<CostHour> Hours(int count, Func<CostHour, (long Calls, double Cents)> of) =>
        [.. Enumerable.Range(1, count).Reverse().Select(back => new CostHour(s_now.AddHours(-back), 0, 0)).Select(hour => of(hour) is var (calls, cents) ? hour with { Calls = calls, Nanos = (long)(calls * cents * Cent) } : hour)];
}
