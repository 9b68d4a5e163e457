using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Usage;

public sealed class UsageSumsTests : IDisposable
{
    private static readonly DateTimeOffset s_day = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _test = new();
    private readonly UsageLog _log;

    public UsageSumsTests() => _log = new UsageLog(_test.Database, new PriceBook(), TimeProvider.System);

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Add_RandomCalls_SumsOfHoursAreThoseOfTheCalls(int seed)
    {
        var random = new Random(seed);
        var records = Enumerable.Range(0, 600).Select(index => RandomRecord(random, $"{seed}-{index}")).ToList();

        // Batches overlap, and hold the same call twice.
        foreach (var batch in records.Chunk(90))
        {
            await _log.AddAsync([.. batch, .. records.Take(40), batch[0]], random.Next(2) == 0 ? UsageLog.FromFlow : UsageLog.FromPlayground, default);
        }

        var (rows, hours) = await ReadAsync();
        Assert.Equal(600, rows.Count);
        Assert.Equal(600, hours.Sum(hour => hour.Calls));
        foreach (var group in rows.GroupBy(row => (row.StartedSecond / 3600, row.SeriesId)))
        {
            var expected = new UsageHour { Hour = group.Key.Item1, SeriesId = group.Key.SeriesId };
            group.ToList().ForEach(expected.Add);
            Assert.Equivalent(expected, hours.Single(hour => (hour.Hour, hour.SeriesId) == group.Key), strict: true);
        }

        Assert.Equal(rows.Select(row => (row.StartedSecond / 3600, row.SeriesId)).Distinct().Count(), hours.Count);
        Assert.Contains(rows, row => row.CostNanos > 0);
        Assert.Contains(rows, row => row.CostNanos is null);
    }

    [Fact]
    public async Task Add_Call_IsInTheSeriesOfAllItSays()
    {
        var record = Record("a") with { Model = "gpt-4o", Caller = "ada", Team = "red", Token = "ci" };

        await _log.AddAsync([record], UsageLog.FromFlow, default);

        var (row, series) = await SingleAsync();
        Assert.Equal(
            new UsageSeries
            {
                Id = row.SeriesId,
                Source = "flow",
                Namespace = "n",
                Flow = "f",
                Prompt = "p",
                Provider = "openai",
                Model = "gpt-4o",
                User = "ada",
                Team = "red",
                Token = "ci",
                Currency = "USD",
                CreatedDay = series.CreatedDay,
            },
            series);

        // 1000 tokens at 2.50 dollars a million, and 100 at 10.
        Assert.Equal(3_500_000, row.CostNanos);
        Assert.True(row.PriceId < 0);
    }

    [Fact]
    public async Task Add_ModelWithoutPrice_IsUnpricedAndNotFree()
    {
        await _log.AddAsync([Record("a") with { Model = "nobody-knows" }], UsageLog.FromFlow, default);

        var (row, series) = await SingleAsync();
        Assert.Null(row.CostNanos);
        Assert.Equal("", series.Currency);
        Assert.Equal(1, (await ReadAsync()).Hours.Single().Unpriced);
    }

    [Fact]
    public async Task Add_CallThatFailedBeforeAnythingWasUsed_CostsNothingAndIsNotUnpriced()
    {
        await _log.AddAsync([Record("a") with { Provider = "", Model = "", Usage = new TokenUsage(), Outcome = "UNAVAILABLE" }], UsageLog.FromFlow, default);

        Assert.Equal(0, (await SingleAsync()).Row.CostNanos);
        var hour = (await ReadAsync()).Hours.Single();
        Assert.Equal((1L, 0L), (hour.Errors, hour.Unpriced));
    }

    [Fact]
    public async Task Add_TransactionThatFails_LeavesNeitherCallNorSumNorSeries()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _test.Database.WriteAsync(
            context =>
            {
                _log.Add(context, [Record("a")], UsageLog.FromFlow);
                throw new InvalidOperationException();
            },
            default));

        var (rows, hours) = await ReadAsync();
        Assert.Empty(rows);
        Assert.Empty(hours);

        // Its series is not remembered either: the id it had is free again.
        await _log.AddAsync([Record("b") with { Flow = "other" }, Record("a")], UsageLog.FromFlow, default);
        var flows = await _test.Database.ReadAsync(context => context.Usage.Join(context.UsageSeries, row => row.SeriesId, series => series.Id, (row, series) => new { row.Flow, Series = series.Flow }).ToListAsync());
        Assert.All(flows, flow => Assert.Equal(flow.Flow, flow.Series));
    }

    [Fact]
    public async Task Add_CallersBeyondCount_AreOneSeriesAndKeepTheirNames()
    {
        for (var batch = 0; batch < 3; batch++)
        {
            await _log.AddAsync([.. Enumerable.Range(0, 500).Select(index => Record($"{batch}-{index}") with { Caller = $"user {batch}-{index}" })], UsageLog.FromFlow, default);
        }

        await _log.AddAsync([Record("x") with { Flow = "quiet", Caller = "user x" }], UsageLog.FromFlow, default);

        var (rows, hours) = await ReadAsync();
        Assert.Equal(1501, rows.Select(row => row.Caller).Distinct().Count());
        var series = await _test.Database.ReadAsync(context => context.UsageSeries.ToListAsync());
        Assert.Equal(UsageSeriesTable.MostOfFlow + 2, series.Count);
        var other = series.Single(item => item.User == UsageSeries.Other);
        Assert.Equal(("f", UsageSeries.Other), (other.Flow, other.Team));
        Assert.Equal(500, hours.Where(hour => hour.SeriesId == other.Id).Sum(hour => hour.Calls));
        Assert.Contains(series, item => (item.Flow, item.User) == ("quiet", "user x"));
    }

    [Fact]
    public async Task Prune_OldCalls_KeepsTheirSumsAndWholeHours()
    {
        await _log.AddAsync([Record("a"), Record("b") with { StartedAt = s_day.AddMinutes(90) }], UsageLog.FromFlow, default);

        Assert.Equal(1, await _log.PruneAsync(s_day.AddMinutes(110), default));

        var (rows, hours) = await ReadAsync();
        Assert.Equal("b", Assert.Single(rows).CallId);
        Assert.Equal(2, hours.Sum(hour => hour.Calls));
    }

    [Fact]
    public async Task PruneHours_OldSums_KeepsThoseOfTheDays()
    {
        await _log.AddAsync([Record("a"), Record("b") with { StartedAt = s_day.AddDays(2) }], UsageLog.FromFlow, default);

        Assert.Equal(1, await _log.PruneHoursAsync(s_day.AddDays(2).AddHours(5), default));

        Assert.Equal(1, (await ReadAsync()).Hours.Sum(hour => hour.Calls));
        Assert.Equal(2, await _test.Database.ReadAsync(context => context.UsageDays.SumAsync(day => day.Calls)));
    }

    [Fact]
    public async Task Add_AbsurdCost_IsUnpricedAndSpoilsNoSum()
    {
        var absurd = new PriceBook([new Price { Id = 1, Provider = "openai", Model = "gpt-4o", ValidFrom = s_day.AddDays(-1), Rates = new PriceRates { Input = 10_000_000_000_000, Output = 0 } }], []);

        await new UsageLog(_test.Database, absurd, TimeProvider.System).AddAsync(
            [Record("a") with { Usage = new TokenUsage { InputTokens = 1_000_000_000, OutputTokens = 0, Requests = 10_000 } }], UsageLog.FromFlow, default);

        Assert.Null((await SingleAsync()).Row.CostNanos);
    }

    private static UsageRecord RandomRecord(Random random, string id) => Record(id) with
    {
        StartedAt = s_day.AddSeconds(random.Next(5 * 3600)),
        Flow = Pick(random, "f", "g", null),
        Provider = Pick(random, "openai", "anthropic")!,
        Model = Pick(random, "gpt-4o", "claude-sonnet-4-5", "unknown")!,
        Caller = Pick(random, null, "ada", "bob"),
        Outcome = Pick(random, "OK", "OK", "CANCELLED")!,
        Duration = TimeSpan.FromMilliseconds(Math.Pow(10, random.NextDouble() * 5.5)),
        Usage = new TokenUsage
        {
            InputTokens = random.Next(10_000),
            OutputTokens = random.Next(1_000),
            CachedInputTokens = random.Next(100),
            CacheWriteTokens = random.Next(100),
            CacheWriteHourTokens = random.Next(50),
            ReasoningTokens = random.Next(2) == 0 ? null : random.Next(100),
            InputAudioTokens = random.Next(20),
            OutputAudioTokens = random.Next(20),
            CachedAudioTokens = random.Next(5),
            InputImageTokens = random.Next(20),
            OutputImageTokens = random.Next(20),
            Requests = random.Next(1, 4),
            Incomplete = random.Next(10) == 0,
        },
    };

    private static string? Pick(Random random, params string?[] values) => values[random.Next(values.Length)];

    private static UsageRecord Record(string id) => new()
    {
        CallId = id,
        StartedAt = s_day,
        Namespace = "n",
        Flow = "f",
        Prompt = "p",
        Provider = "openai",
        Model = "gpt-4o",
        Usage = new TokenUsage { InputTokens = 1000, OutputTokens = 100 },
        FinishReason = "stop",
        Duration = TimeSpan.FromSeconds(1),
    };

    private Task<(List<UsageRow> Rows, List<UsageHour> Hours)> ReadAsync() =>
        _test.Database.ReadAsync(async context => (await context.Usage.ToListAsync(), await context.UsageHours.ToListAsync()));

    private Task<(UsageRow Row, UsageSeries Series)> SingleAsync() =>
        _test.Database.ReadAsync(async context => (await context.Usage.SingleAsync(), await context.UsageSeries.SingleAsync()));
}
