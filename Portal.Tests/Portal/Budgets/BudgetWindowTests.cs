using System.Globalization;
using Portal.Features.Budgets;

namespace Portal.Tests.Portal.Budgets;

public class BudgetWindowTests
{
    [Theory]
    [InlineData(BudgetPeriod.Day, "Europe/Berlin", "2026-03-29T12:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z")] // 23 hours
    [InlineData(BudgetPeriod.Day, "Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z")] // 25 hours
    [InlineData(BudgetPeriod.Day, "America/Havana", "2026-03-08T12:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z")] // no midnight: it begins at one
    [InlineData(BudgetPeriod.Day, "America/Havana", "2026-11-01T12:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z")] // two midnights: the first
    [InlineData(BudgetPeriod.Day, "Pacific/Apia", "2011-12-30T12:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z")] // after the day that was left out
    [InlineData(BudgetPeriod.Day, "Australia/Lord_Howe", "2026-04-04T20:00Z", "2026-04-04T13:00Z", "2026-04-05T13:30Z")] // 24 and a half
    [InlineData(BudgetPeriod.Day, "Australia/Lord_Howe", "2026-10-04T00:00Z", "2026-10-03T13:30Z", "2026-10-04T13:00Z")] // 23 and a half
    [InlineData(BudgetPeriod.Month, "Australia/Lord_Howe", "2026-04-30T13:29Z", "2026-03-31T13:00Z", "2026-04-30T13:30Z")]
    [InlineData(BudgetPeriod.Day, "America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z")] // no midnight
    [InlineData(BudgetPeriod.Day, "America/Sao_Paulo", "2018-02-18T02:30Z", "2018-02-17T02:00Z", "2018-02-18T03:00Z")] // 23 to 24 o'clock twice
    [InlineData(BudgetPeriod.Month, "America/Sao_Paulo", "2026-12-01T02:59:59Z", "2026-11-01T03:00Z", "2026-12-01T03:00Z")]
    [InlineData(BudgetPeriod.Month, "Asia/Kolkata", "2028-02-29T18:29:59Z", "2028-01-31T18:30Z", "2028-02-29T18:30Z")]
    [InlineData(BudgetPeriod.Week, "UTC", "2026-01-01T00:00Z", "2025-12-29T00:00Z", "2026-01-05T00:00Z")]
    [InlineData(BudgetPeriod.Week, "UTC", "2026-01-04T23:59:59Z", "2025-12-29T00:00Z", "2026-01-05T00:00Z")]
    [InlineData(BudgetPeriod.Month, "Asia/Kolkata", "2026-02-28T18:29:59Z", "2026-01-31T18:30Z", "2026-02-28T18:30Z")]
    [InlineData(BudgetPeriod.Month, "Asia/Kolkata", "2026-02-28T18:30Z", "2026-02-28T18:30Z", "2026-03-31T18:30Z")]
    [InlineData(BudgetPeriod.Quarter, "America/New_York", "2026-05-05T00:00Z", "2026-04-01T04:00Z", "2026-07-01T04:00Z")]
    [InlineData(BudgetPeriod.Year, "Pacific/Kiritimati", "2025-12-31T10:00Z", "2025-12-31T10:00Z", "2026-12-31T10:00Z")]
    public void At_DayWithAStory_HasTheBoundsOfItsClocks(BudgetPeriod period, string zone, string now, string from, string to)
    {
        var window = BudgetWindow.At(period, TimeZoneInfo.FindSystemTimeZoneById(zone), Time(now));

        Assert.Equal((Time(from), Time(to)), (window.From, window.To));
    }

    [Fact]
    public void At_AnyZoneAndTime_WindowsTouchAndHoldTheTime()
    {
        var random = new Random(20260314);
        foreach (var zone in TimeZoneInfo.GetSystemTimeZones())
        {
            foreach (var period in Enum.GetValues<BudgetPeriod>())
            {
                var now = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(40 * 365 * 1440));
                var window = BudgetWindow.At(period, zone, now);
                var next = BudgetWindow.At(period, zone, window.To);
                var last = BudgetWindow.At(period, zone, window.To.AddTicks(-1));
                var what = $"{period} in {zone.Id} at {now:O}: {window}";

                Assert.True(window.From <= now && now < window.To, what);
                Assert.True(next.From == window.To && next.FirstDay > window.LastDay, what);
                Assert.True(last == window, what);
                Assert.True(BudgetWindow.DayOf(zone, window.From) >= window.FirstDay, what);
            }
        }
    }

    [Fact]
    public void At_EachDayOfAYearInZonesThatSetClocks_IsOneDayOf23To25Hours()
    {
        foreach (var id in new[] { "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "Asia/Kathmandu" })
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
            var window = BudgetWindow.At(BudgetPeriod.Day, zone, Time("2026-01-01T12:00Z"));
            var lengths = new List<double>();
            for (var day = 0; day < 365; day++)
            {
                lengths.Add(window.Length.TotalHours);
                var next = BudgetWindow.At(BudgetPeriod.Day, zone, window.To);
                Assert.Equal((window.To, window.FirstDay.AddDays(1)), (next.From, next.FirstDay));
                window = next;
            }

            Assert.All(lengths, length => Assert.InRange(length, 23, 25));
            Assert.Equal(365 * 24, lengths.Sum());
        }
    }

    [Theory]
    [InlineData("0001-01-01T00:00Z")]
    [InlineData("9999-12-31T23:59Z")]
    public void At_ClockThatIsBroken_StillGivesAWindow(string now)
    {
        var window = BudgetWindow.At(BudgetPeriod.Year, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"), Time(now));

        Assert.True(window.From < window.To);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
