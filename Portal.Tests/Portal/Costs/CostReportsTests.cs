using Portal.Auth;
using Portal.Data;
using Portal.Features.Costs.Queries;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Costs;

public sealed class CostReportsTests : IDisposable
{
    private static readonly TimeZoneInfo s_berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly TimeZoneInfo s_kolkata = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");

    private readonly CostData _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Query_RandomCallsAndWindows_EveryGroupingAddsUpToTheSingleCalls(int seed)
    {
        var random = new Random(seed);
        var calls = Enumerable.Range(0, 1500).Select(_ => RandomCall(random)).ToList();
        foreach (var batch in calls.Chunk(400))
        {
            await _data.AddAsync(batch);
        }

        foreach (var ((window, zone), index) in Windows(random).Select((item, index) => (item, index)))
        {
            // Every dimension over the first window, and some over the others.
            foreach (var dimension in CostDimensions.All.Where(_ => index == 0 || random.Next(3) == 0))
            {
                var report = await _data.Reports.QueryAsync(TestUsers.Administrator(), Query(window, dimension, zone), default);

                var now = Within(calls, window.From, window.To);
                AssertSame(now, report.Total, $"seed {seed}, {dimension}, total");
                var before = Within(calls, window.FromBefore, window.ToBefore);
                Assert.Equal(before.Count, report.TotalBefore.Sums.Calls);
                Assert.Equal(before.Count, report.Rows.Sum(row => row.Before.Sums.Calls));
                Assert.Equal(before.Where(call => call.Currency == report.Currency).Sum(call => call.Row.CostNanos ?? 0), report.Rows.Sum(row => row.Before.NanosIn(report.Currency)));
                AssertSame(now, new CostFigures(report.Rows.Select(row => row.Now.Sums).Aggregate(new CostSums(), (left, right) => left + right), Added(report.Rows.Select(row => row.Now))), "rows");
                Assert.Equal(
                    now.GroupBy(call => ValueOf(dimension, call.Row)).ToDictionary(group => group.Key, group => group.Sum(call => call.Row.InputTokens ?? 0)),
                    report.Rows.Where(row => row.Now.Sums.Calls > 0).ToDictionary(row => row.Value, row => row.Now.Sums.InputTokens));
                foreach (var (span, place) in report.Spans.Select((span, place) => (span, place)))
                {
                    var within = Within(calls, span.From, span.To);
                    Assert.Equal(within.Count, report.Rows.Sum(row => row.Points[place].Calls));
                    Assert.Equal(within.Where(call => call.Currency == report.Currency).Sum(call => call.Row.CostNanos ?? 0), report.Rows.Sum(row => row.Points[place].Nanos));
                }
            }
        }
    }

    [Theory]
    [InlineData(21)]
    public async Task Query_RandomFilters_CountWhatHasAllOfThem(int seed)
    {
        var random = new Random(seed);
        var calls = Enumerable.Range(0, 800).Select(_ => RandomCall(random)).ToList();
        await _data.AddAsync(calls);
        var window = CostWindow.Between(CostData.Now.AddDays(-20), CostData.Now);
        for (var round = 0; round < 40; round++)
        {
            var filters = CostFilters.Empty;
            for (var count = random.Next(1, 4); count > 0; count--)
            {
                var dimension = CostDimensions.All[random.Next(CostDimensions.All.Count)];
                filters = filters.With(dimension, ValueOf(dimension, calls[random.Next(calls.Count)].Row));
            }

            var report = await _data.Reports.QueryAsync(TestUsers.Administrator(), Query(window, CostDimension.Model, TimeZoneInfo.Utc) with { Filters = filters }, default);

            var expected = Within(calls, window.From, window.To)
                .Where(call => filters.Items.GroupBy(item => item.Dimension).All(group => group.Any(item => item.Value == ValueOf(group.Key, call.Row)))).ToList();
            AssertSame(expected, report.Total, $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public async Task Query_ViewerOfOneNamespace_SeesNothingOfAnother()
    {
        await _data.AddAsync((_data.Call(CostData.Now.AddHours(-1)), "USD"), (With(_data.Call(CostData.Now.AddHours(-1)), call => call.Namespace = "secret"), "USD"), (With(_data.Call(CostData.Now.AddHours(-1)), call => call.Namespace = null), "USD"));
        var viewer = new CurrentUser(new AccessPolicy([new RoleBinding(null, "oidc:corp:vi", PortalRole.Viewer, ["team"])]));
        viewer.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:vi", "Vi", ActorKind.User), "test"), null);
        var query = Query(CostWindow.Of(CostRange.Day, CostData.Now, TimeZoneInfo.Utc), CostDimension.Namespace, TimeZoneInfo.Utc);

        Assert.Equal(["team"], (await _data.Reports.QueryAsync(viewer, query, default)).Rows.Select(row => row.Value));
        Assert.Empty((await _data.Reports.QueryAsync(viewer, query with { Filters = CostFilters.Empty.With(CostDimension.Namespace, "secret") }, default)).Rows);
        Assert.Equal(3, (await _data.Reports.QueryAsync(TestUsers.Administrator(), query, default)).Total.Sums.Calls);
        var nobody = new CurrentUser(new AccessPolicy([]));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _data.Reports.QueryAsync(nobody, query, default));
    }

    [Fact]
    public async Task Query_TwoCurrencies_AreNeverAdded()
    {
        await _data.AddAsync((_data.Call(CostData.Now.AddHours(-1)), "USD"), (_data.Call(CostData.Now.AddHours(-2)), "USD"), (_data.Call(CostData.Now.AddHours(-3)), "EUR"));

        var report = await _data.Reports.QueryAsync(TestUsers.Administrator(), Query(CostWindow.Of(CostRange.Day, CostData.Now, TimeZoneInfo.Utc), CostDimension.Flow, TimeZoneInfo.Utc), default);

        Assert.Equal([new(1_000_000, "EUR"), new(2_000_000, "USD")], report.Total.Costs);
        Assert.Equal("USD", report.Currency);
        Assert.Equal(2_000_000, report.Rows[0].Points.Sum(point => point.Nanos));
        Assert.Equal(1, report.ShareOf(report.Rows[0]));
    }

    [Fact]
    public async Task Query_CallsThatAreNotKeptAnyMore_CountByFullHours()
    {
        var old = CostData.Now.AddDays(-120);
        var hour = new DateTime(old.Year, old.Month, old.Day, old.Hour, 0, 0, DateTimeKind.Utc);
        await _data.AddAsync((_data.Call(hour.AddMinutes(10)), "USD"), (_data.Call(hour.AddMinutes(50)), "USD"));

        var report = await _data.Reports.QueryAsync(TestUsers.Administrator(), Query(CostWindow.Between(hour.AddMinutes(30), hour.AddDays(1)), CostDimension.Flow, TimeZoneInfo.Utc), default);

        Assert.True(report.IsRounded);
        Assert.Equal(2, report.Total.Sums.Calls);
    }

    [Fact]
    public async Task Query_HoursThatAreNotKeptAnyMore_CountByDaysOfUtc()
    {
        var day = new DateTime(2025, 1, 10, 0, 0, 0, DateTimeKind.Utc);
        await _data.AddAsync((_data.Call(day.AddHours(-1)), "USD"), (_data.Call(day.AddHours(1)), "USD"), (_data.Call(day.AddHours(23)), "USD"));
        await new UsageLog(_data.Database, new PriceBook(), _data.Clock).PruneHoursAsync(_data.Clock.GetUtcNow().AddDays(-400), default);

        var report = await _data.Reports.QueryAsync(
            TestUsers.Administrator(), Query(CostWindow.Between(day.AddHours(-1), day.AddHours(23)), CostDimension.Flow, s_berlin) with { Bucket = CostBucket.Day }, default);

        // The 9th and the 10th of January, as far as they are asked for, are days of UTC now.
        Assert.True(report.IsRounded);
        Assert.Equal((1, 1), (report.Total.Sums.Calls, report.Rows.Single().Points.Sum(point => point.Calls)));
    }

    [Fact]
    public async Task Query_ChangeAndShare_CompareWithTheWindowBefore()
    {
        await _data.AddAsync(
            (_data.Call(CostData.Now.AddHours(-1)), "USD"), (_data.Call(CostData.Now.AddHours(-2)), "USD"), (_data.Call(CostData.Now.AddHours(-3)), "USD"),
            (_data.Call(CostData.Now.AddHours(-30)), "USD"), (_data.Call(CostData.Now.AddHours(-31)), "USD"),
            (With(_data.Call(CostData.Now.AddHours(-1)), call => call.Flow = "other"), "USD"));

        var report = await _data.Reports.QueryAsync(TestUsers.Administrator(), Query(CostWindow.Of(CostRange.Day, CostData.Now, TimeZoneInfo.Utc), CostDimension.Flow, TimeZoneInfo.Utc), default);

        Assert.Equal(["team/reply", "team/other"], report.Rows.Select(row => row.Value));
        Assert.Equal((0.75, 0.5), (report.ShareOf(report.Rows[0]), report.Rows[0].ChangeIn("USD")));
        Assert.Null(report.Rows[1].ChangeIn("USD"));
        Assert.Equal(1_000_000, report.Rows[0].Now.PerCall("USD")!.Value.Nanos);
    }

    private static CostQuery Query(CostWindow window, CostDimension group, TimeZoneInfo zone) =>
        new() { Window = window, GroupBy = group, Bucket = CostBuckets.For(window.To - window.From), Zone = zone };

    private static IEnumerable<(CostWindow, TimeZoneInfo)> Windows(Random random)
    {
        yield return (CostWindow.Of(CostRange.Day, CostData.Now, s_berlin), s_berlin);
        yield return (CostWindow.Of(CostRange.Week, CostData.Now, s_kolkata), s_kolkata);
        yield return (CostWindow.Of(CostRange.Month, CostData.Now, s_berlin), s_berlin);

        // Over the night the clocks of Berlin go forward, within one hour, and at the seconds of an hour's end.
        yield return (CostWindow.Between(new DateTime(2026, 3, 28, 11, 20, 0, DateTimeKind.Utc), new DateTime(2026, 3, 30, 9, 59, 59, DateTimeKind.Utc)), s_berlin);
        var edge = CostData.Now.AddDays(-random.Next(1, 19));
        yield return (CostWindow.Between(edge, edge.AddSeconds(random.Next(1, 1500))), TimeZoneInfo.Utc);
        yield return (CostWindow.Between(edge, edge.AddSeconds(random.Next(3600, 300_000))), s_kolkata);
    }

    private static UsageRow With(UsageRow row, Action<UsageRow> change)
    {
        change(row);
        return row;
    }

    private (UsageRow Row, string? Currency) RandomCall(Random random)
    {
        var call = _data.Call(CostData.Now.AddSeconds(-random.Next(20 * 86_400)));
        (call.Namespace, call.Flow, call.Prompt) = (Pick("a", "b", null), Pick("f", "g", null), Pick("p", "q", null));
        (call.Revision, call.Caller, call.Team, call.Token) = (random.Next(3) is > 0 and var number ? number : null, Pick("ada", "ben", null), Pick("red", null), Pick("ci", null));
        (call.Provider, call.Model, call.Environment, call.Source) = (Pick("openai", "anthropic")!, Pick("x", "y/z")!, Pick("prod", null), Pick("flow", "playground")!);
        (call.InputTokens, call.OutputTokens, call.ReasoningTokens) = (random.Next(4) == 0 ? null : random.Next(5000), random.Next(4) == 0 ? null : random.Next(500), random.Next(9));
        (call.CachedInputTokens, call.InputAudioTokens, call.Requests) = (random.Next(9), random.Next(5) == 0 ? random.Next(9) : null, random.Next(3) == 0 ? random.Next(1, 5) : null);
        (call.Outcome, call.Incomplete) = (random.Next(10) == 0 ? "INTERNAL" : UsageRow.Ok, random.Next(10) == 0);
        call.CostNanos = random.Next(6) == 0 ? null : random.NextInt64(5_000_000_000);
        return (call, call.CostNanos is null ? null : Pick("USD", "USD", "EUR"));

        string? Pick(params string?[] values) => values[random.Next(values.Length)];
    }

    private static List<(UsageRow Row, string? Currency)> Within(IEnumerable<(UsageRow Row, string? Currency)> calls, DateTime from, DateTime to) =>
        [.. calls.Where(call => call.Row.StartedSecond >= new DateTimeOffset(from).ToUnixTimeSeconds() && call.Row.StartedSecond < new DateTimeOffset(to).ToUnixTimeSeconds())];

    private static string ValueOf(CostDimension dimension, UsageRow row) => dimension switch
    {
        CostDimension.Flow => row.Flow is null ? "" : $"{row.Namespace}/{row.Flow}",
        CostDimension.Prompt => row.Prompt is null ? "" : $"{row.Namespace}/{row.Prompt}",
        CostDimension.Revision => row.Revision is null ? "" : $"{row.Namespace}/{row.Prompt}@{row.Revision}",
        CostDimension.Model => $"{row.Provider}/{row.Model}",
        CostDimension.Provider => row.Provider,
        CostDimension.User => row.Caller ?? "",
        CostDimension.Team => row.Team ?? "",
        CostDimension.Token => row.Token ?? "",
        CostDimension.Environment => row.Environment ?? "",
        CostDimension.Source => row.Source,
        _ => row.Namespace ?? "",
    };

    private static IReadOnlyList<global::Portal.Features.Costs.Money> Added(IEnumerable<CostFigures> figures) =>
        [.. figures.SelectMany(item => item.Costs).GroupBy(cost => cost.Currency).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new global::Portal.Features.Costs.Money(group.Sum(cost => cost.Nanos), group.Key))];

    private static void AssertSame(IReadOnlyList<(UsageRow Row, string? Currency)> calls, CostFigures actual, string what)
    {
        var rows = calls.Select(call => call.Row).ToList();
        var expected = new CostSums
        {
            Calls = rows.Count,
            Errors = rows.Count(row => row.Outcome != UsageRow.Ok),
            Unpriced = rows.Count(row => row.CostNanos is null),
            Incomplete = rows.Count(row => row.Incomplete),
            Requests = rows.Sum(row => row.Requests ?? 1),
            DurationMicroseconds = rows.Sum(row => row.DurationMicroseconds),
            InputTokens = rows.Sum(row => row.InputTokens ?? 0),
            OutputTokens = rows.Sum(row => row.OutputTokens ?? 0),
            CachedInputTokens = rows.Sum(row => row.CachedInputTokens ?? 0),
            ReasoningTokens = rows.Sum(row => row.ReasoningTokens ?? 0),
            InputAudioTokens = rows.Sum(row => row.InputAudioTokens ?? 0),
        };
        Assert.True(expected == actual.Sums, $"{what}: expected {expected}, was {actual.Sums}");
        Assert.Equal(
            calls.Where(call => call.Currency is not null).GroupBy(call => call.Currency!).ToDictionary(group => group.Key, group => group.Sum(call => call.Row.CostNanos!.Value)),
            actual.Costs.ToDictionary(cost => cost.Currency, cost => cost.Nanos));
    }
}
