using System.Globalization;
using Portal.Features.Digests;

namespace Portal.Tests.Portal.Digests;

public class DigestWeekTests
{
    [Theory]
    [InlineData("UTC", "2026-03-23T07:59:59Z", "2026-03-16T08:00:00Z", "2026-03-09", 168)]
    [InlineData("UTC", "2026-03-23T08:00:00Z", "2026-03-23T08:00:00Z", "2026-03-16", 168)]
    [InlineData("Europe/Berlin", "2026-03-30T05:59:59Z", "2026-03-23T07:00:00Z", "2026-03-16", 168)]
    [InlineData("Europe/Berlin", "2026-03-30T06:00:00Z", "2026-03-30T06:00:00Z", "2026-03-23", 167)] // the clocks went forward on Sunday
    [InlineData("Europe/Berlin", "2026-10-26T06:59:59Z", "2026-10-19T06:00:00Z", "2026-10-12", 168)]
    [InlineData("Europe/Berlin", "2026-10-26T07:00:00Z", "2026-10-26T07:00:00Z", "2026-10-19", 169)] // and back
    [InlineData("Pacific/Auckland", "2026-03-29T19:00:00Z", "2026-03-29T19:00:00Z", "2026-03-23", 168)]
    [InlineData("America/New_York", "2026-03-10T00:00:00Z", "2026-03-09T12:00:00Z", "2026-03-02", 167)]
    public void At_AnyTime_IsTheNewestWeekThatIsDue(string zone, string now, string due, string firstDay, int hours)
    {
        var week = DigestWeek.At(TimeZoneInfo.FindSystemTimeZoneById(zone), DateTimeOffset.Parse(now, CultureInfo.InvariantCulture));

        Assert.Equal(DateTimeOffset.Parse(due, CultureInfo.InvariantCulture), week.Due);
        Assert.Equal((DateOnly.Parse(firstDay, CultureInfo.InvariantCulture), hours), (week.Last.FirstDay, (int)week.Last.Length.TotalHours));
        Assert.Equal((week.Last.From, week.Last.FirstDay.AddDays(-7)), (week.Before.To, week.Before.FirstDay));
    }

    [Fact]
    public void Number_OfWeeksInARow_IsOneMoreEachAndTheSameInEveryZone()
    {
        var now = new DateTimeOffset(2026, 12, 16, 12, 0, 0, TimeSpan.Zero);

        Assert.Equal([1, 1, 1, 1], Enumerable.Range(0, 4).Select(week => DigestWeek.At(TimeZoneInfo.Utc, now.AddDays((week + 1) * 7)).Number - DigestWeek.At(TimeZoneInfo.Utc, now.AddDays(week * 7)).Number));
        Assert.Equal(DigestWeek.At(TimeZoneInfo.Utc, now).Number, DigestWeek.At(TimeZoneInfo.FindSystemTimeZoneById("Pacific/Auckland"), now).Number);
    }
}
