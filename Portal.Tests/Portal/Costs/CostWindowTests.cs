using Portal.Features.Costs.Queries;

namespace Portal.Tests.Portal.Costs;

public class CostWindowTests
{
    private static readonly TimeZoneInfo s_berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Fact]
    public void Spans_DaysTheClocksChange_Have23And25Hours()
    {
        var spring = CostBuckets.Of(Utc(2026, 3, 27, 23), Utc(2026, 3, 30, 22), CostBucket.Day, s_berlin);
        var autumn = CostBuckets.Of(Utc(2026, 10, 23, 22), Utc(2026, 10, 26, 23), CostBucket.Day, s_berlin);

        Assert.Equal([24, 23, 24], spring.Select(span => (span.To - span.From).TotalHours));
        Assert.Equal([24, 25, 24], autumn.Select(span => (span.To - span.From).TotalHours));
        Assert.Equal(Utc(2026, 3, 28, 23), spring[1].From);
    }

    [Fact]
    public void Spans_MidnightThatIsSkipped_BeginsAtTheFirstTimeThereIs()
    {
        var beirut = TimeZoneInfo.FindSystemTimeZoneById("Asia/Beirut");

        var spans = CostBuckets.Of(Utc(2026, 3, 27, 22), Utc(2026, 3, 30, 21), CostBucket.Day, beirut);

        Assert.Equal(Utc(2026, 3, 28, 22), spans[1].From);
        Assert.Equal([24, 23, 24], spans.Select(span => (span.To - span.From).TotalHours));
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("America/St_Johns")]
    [InlineData("Pacific/Apia")]
    [InlineData("America/Havana")]
    public void Spans_AnyWindow_FollowEachOtherAndAreTheWindow(string name)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
        var random = new Random(5);
        for (var round = 0; round < 50; round++)
        {
            var from = Utc(2026, 1, 1, 0).AddSeconds(random.Next(300 * 86_400));
            var to = from.AddSeconds(random.Next(1, 10 * 86_400));
            foreach (var bucket in Enum.GetValues<CostBucket>())
            {
                var spans = CostBuckets.Of(from, to, bucket, zone);
                Assert.Equal((from, to), (spans[0].From, spans[^1].To));
                Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
                Assert.All(spans, span => Assert.InRange((span.To - span.From).TotalHours, 0.0001, bucket == CostBucket.Hour ? 1 : 25));
            }
        }
    }

    [Fact]
    public void Of_EachRange_EndsWithTheRunningHourAndIsComparedWithAsMuchBefore()
    {
        var now = new DateTime(2026, 3, 30, 9, 20, 0, DateTimeKind.Utc);

        Assert.Equal(new CostWindow(Utc(2026, 3, 29, 10), Utc(2026, 3, 30, 10), Utc(2026, 3, 28, 10), Utc(2026, 3, 29, 10)), CostWindow.Of(CostRange.Day, now, s_berlin));
        Assert.Equal((Utc(2026, 3, 23, 23), Utc(2026, 3, 16, 23)), (CostWindow.Of(CostRange.Week, now, s_berlin).From, CostWindow.Of(CostRange.Week, now, s_berlin).FromBefore));

        // March has more days by then than February had at all.
        var month = CostWindow.Of(CostRange.Month, now, s_berlin);
        Assert.Equal(new CostWindow(Utc(2026, 2, 28, 23), Utc(2026, 3, 30, 10), Utc(2026, 1, 31, 23), Utc(2026, 2, 28, 23)), month);
        Assert.Equal(Utc(2026, 3, 30, 10), CostWindow.Of(CostRange.Day, Utc(2026, 3, 30, 9), s_berlin).To);
    }

    [Fact]
    public void ToUtc_TimeThatIsThereTwiceOrNever_IsTheFirst()
    {
        Assert.Equal(Utc(2026, 10, 25, 0).AddMinutes(30), LocalTime.ToUtc(new DateTime(2026, 10, 25, 2, 30, 0), s_berlin));
        Assert.Equal(Utc(2026, 3, 29, 1), LocalTime.ToUtc(new DateTime(2026, 3, 29, 2, 30, 0), s_berlin));
    }

    private static DateTime Utc(int year, int month, int day, int hour) => new(year, month, day, hour, 0, 0, DateTimeKind.Utc);
}
