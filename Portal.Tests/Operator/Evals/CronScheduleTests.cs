using System.Globalization;
using Portal.Operator.Evals;

namespace Portal.Tests.Operator.Evals;

public class CronScheduleTests
{
    [Theory]
    [InlineData("0 2 * * *", "2026-03-01T02:00:00Z", "2026-03-02T02:00:00Z")]
    [InlineData("*/15 9-10 * * mon-fri", "2026-03-06T10:45:00Z", "2026-03-09T09:00:00Z")]
    [InlineData("5/20 * * * *", "2026-03-01T00:26:10Z", "2026-03-01T00:45:00Z")]
    [InlineData("0 0 13 * 5", "2026-03-07T00:00:00Z", "2026-03-13T00:00:00Z")]
    [InlineData("0 0 13 * 5", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00Z")]
    [InlineData("0 0 29 feb *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("30 4 1,15 * ?", "2026-01-01T04:30:00Z", "2026-01-15T04:30:00Z")]
    [InlineData("@hourly", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z")]
    [InlineData("@every 1h30m", "2026-01-01T00:00:10.5Z", "2026-01-01T01:30:10Z")]
    public void Next_AfterATime_IsTheFirstThatMatches(string schedule, string after, string expected) =>
        Assert.Equal(Time(expected), new CronSchedule(schedule).Next(Time(after), TimeZoneInfo.Utc));

    [Fact]
    public void Next_ClocksLeaveTheHourOut_SkipsIt()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

        Assert.Equal(Time("2026-03-30T00:30:00Z"), new CronSchedule("30 2 * * *").Next(Time("2026-03-28T12:00:00Z"), zone));
    }

    [Theory]
    [InlineData("", "it has 0 fields")]
    [InlineData("* * * *", "it has 4 fields")]
    [InlineData("60 * * * *", "\"60\" is no minute; use 0 to 59")]
    [InlineData("* 5-1 * * *", "\"5-1\" is no hour")]
    [InlineData("* * * * 7", "\"7\" is no day of week")]
    [InlineData("*/0 * * * *", "\"0\" is no minute")]
    [InlineData("1/2/3 * * * *", "\"1/2/3\" is no minute")]
    [InlineData("* * * * mon-", "\"\" is no day of week")]
    [InlineData("0 0 31 2 *", "no day of any year matches it")]
    [InlineData("@sometimes", "\"@sometimes\" is not known")]
    [InlineData("@every 5", "\"5\" is no duration")]
    [InlineData("nonsense", "it has 1 fields")]
    public void Constructor_BadSchedule_SaysWhatIsWrong(string schedule, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => new CronSchedule(schedule)).Message, StringComparison.Ordinal);

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
