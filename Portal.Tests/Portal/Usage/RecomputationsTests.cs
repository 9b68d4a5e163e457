using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Features.Usage.Recompute;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Usage;

public sealed class RecomputationsTests : IDisposable
{
    private static readonly DateTimeOffset s_day = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new(s_day.AddDays(1));
    private readonly PriceBook _book = new();
    private readonly CurrentUser _me = TestUsers.Administrator();
    private readonly UsageLog _log;
    private readonly PriceStore _prices;
    private readonly Recomputations _jobs;

    public RecomputationsTests()
    {
        _log = new UsageLog(_test.Database, _book, _clock);
        _prices = new PriceStore(_test.Database, _book, _test.Audit, _clock);
        _jobs = New();
    }

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Recompute_PriceOfThePastThatChanged_ChangesCallsAndSumsFromThatInstantOn()
    {
        await _log.AddAsync([Call("a", 0), Call("b", 90), Call("c", 91)], UsageLog.FromFlow, default);
        Assert.Equal([2.5m, 2.5m, 2.5m], await DollarsAsync());
        await EnterAsync("gpt-4o", 4m);

        var preview = Assert.Single(await _jobs.PreviewAsync(_me, s_day.AddMinutes(90), default));
        Assert.Equal(("gpt-4o", "USD", 2L, 2L, 5_000_000_000L, 8_000_000_000L), (preview.Model, preview.Currency, preview.Calls, preview.Changed, preview.BeforeNanos, preview.AfterNanos));
        Assert.Equal([2.5m, 2.5m, 2.5m], await DollarsAsync());

        await RunAsync(s_day.AddMinutes(90));

        Assert.Equal([2.5m, 4m, 4m], await DollarsAsync());
        await RequireSumsAreThoseOfCallsAsync();
        var job = (await _jobs.ListAsync(default)).Single();
        Assert.Equal((Recomputation.Done, 2L, 2L, 2L), (job.State, job.Total, job.Calls, job.Changed));
        Assert.Equal([preview], JsonSerializer.Deserialize<List<ModelDifference>>(job.Difference)!);
        Assert.Equal(["price.added", "usage.recompute.begun", "usage.recomputed"], await ActionsAsync());
    }

    [Fact]
    public async Task Recompute_ModelThatGetsAPriceAndOneThatLosesIt_MoveBetweenSeriesAndLeaveNoEmptySum()
    {
        await EnterAsync("lost", 1m);
        await _log.AddAsync([Call("a", 0) with { Model = "lost" }, Call("b", 0) with { Model = "found" }], UsageLog.FromFlow, default);
        await _prices.RemoveAsync(_me, _book.Current.Prices.Single(price => price.Model == "lost").Id, default);
        await EnterAsync("found", 3m, "EUR");

        var preview = (await _jobs.PreviewAsync(_me, s_day, default)).OrderBy(item => item.Model, StringComparer.Ordinal).ToList();
        Assert.Equal(("found", "EUR", 1L, 0L, 3_000_000_000L), (preview[0].Model, preview[0].Currency, preview[0].UnpricedBefore, preview[0].BeforeNanos, preview[0].AfterNanos));
        Assert.Equal(("lost", "USD", 1L, 1_000_000_000L, 0L), (preview[1].Model, preview[1].Currency, preview[1].UnpricedAfter, preview[1].BeforeNanos, preview[1].AfterNanos));

        await RunAsync(s_day);

        await RequireSumsAreThoseOfCallsAsync();
        var series = await _test.Database.ReadAsync(context => context.UsageHours.Join(context.UsageSeries, hour => hour.SeriesId, item => item.Id,
            (hour, item) => new { item.Model, item.Currency, hour.Unpriced, hour.CostNanos }).OrderBy(item => item.Model).ToListAsync());
        Assert.Equal(["found EUR 0 3000000000", "lost  1 0"], series.Select(item => $"{item.Model} {item.Currency} {item.Unpriced} {item.CostNanos}"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Recompute_RandomCallsInParts_IsAsIfTheyHadComeWithTheNewPrices(int seed)
    {
        var random = new Random(seed);
        var calls = Enumerable.Range(0, 12_000).Select(index => Call($"{seed}-{index}", random.Next(600)) with
        {
            Model = random.Next(3) switch { 0 => "gpt-4o", 1 => "nobody-knows", _ => "gpt-4.1" },
            Caller = $"user {random.Next(5)}",
            Outcome = random.Next(5) == 0 ? "INTERNAL" : "OK",
            Usage = random.Next(9) == 0 ? new TokenUsage() : new TokenUsage { InputTokens = random.Next(1000), OutputTokens = random.Next(100), ServiceTier = random.Next(4) == 0 ? "batch" : null },
            Turns = random.Next(9) == 0 ? [new TokenUsage { InputTokens = 300_000, OutputTokens = 1 }, new TokenUsage { InputTokens = 5, OutputTokens = 1 }] : null,
        }).ToList();
        foreach (var batch in calls.Chunk(3_000))
        {
            await _log.AddAsync(batch, UsageLog.FromFlow, default);
        }

        await EnterAsync("gpt-4o", 7m, tier: 200_000);
        await EnterAsync("nobody-*", 0.5m, "EUR");
        await RunAsync(s_day);

        await RequireSumsAreThoseOfCallsAsync();
        var after = await CostsAsync();
        Assert.Equal(12_000, after.Count);
        using var fresh = new TestDatabase();
        await new UsageLog(fresh.Database, _book, _clock).AddAsync(calls, UsageLog.FromFlow, default);
        Assert.Equal(await fresh.Database.ReadAsync(CostsAsync), after);
    }

    [Fact]
    public async Task Recompute_CutOff_GoesOnAfterARestartWhereItWas()
    {
        await _log.AddAsync([.. Enumerable.Range(0, 5_400).Select(index => Call($"{index:0000}", index / 10))], UsageLog.FromFlow, default);
        await EnterAsync("gpt-4o", 4m);
        await _jobs.BeginAsync(_me, s_day, default);
        Assert.True(await _jobs.StepAsync(default));
        var half = (await _jobs.ListAsync(default)).Single();
        Assert.Equal(Recomputation.Running, half.State);
        Assert.InRange(half.Calls, 5_000, 5_399);
        await RequireSumsAreThoseOfCallsAsync();
        Assert.Null(await _jobs.BeginAsync(_me, s_day, default));

        var restarted = New();
        while (await restarted.StepAsync(default))
        {
        }

        var job = (await restarted.ListAsync(default)).Single();
        Assert.Equal((Recomputation.Done, 5_400L), (job.State, job.Calls));
        Assert.All(await DollarsAsync(), dollars => Assert.Equal(4m, dollars));
    }

    [Fact]
    public async Task Cancel_UnderWay_KeepsWhatWasReckonedAndLetsTheNextBegin()
    {
        await _log.AddAsync([Call("a", 0)], UsageLog.FromFlow, default);
        var job = await _jobs.BeginAsync(_me, s_day, default);

        Assert.True(await _jobs.CancelAsync(_me, job!.Id, default));

        Assert.False(await _jobs.StepAsync(default));
        Assert.False(await _jobs.CancelAsync(_me, job.Id, default));
        Assert.NotNull(await _jobs.BeginAsync(_me, s_day, default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _jobs.BeginAsync(TestUsers.Of(LocalPersona.Author), s_day, default));
    }

    private Recomputations New() => new(_test.Database, _book, _log, _test.Audit, _clock);

    private async Task RunAsync(DateTimeOffset from)
    {
        Assert.NotNull(await _jobs.BeginAsync(_me, from, default));
        while (await _jobs.StepAsync(default))
        {
        }
    }

    private async Task EnterAsync(string model, decimal input, string currency = "USD", long? tier = null)
    {
        var rates = new RatesForm { Input = input, Output = 10m };
        var saved = await _prices.SaveAsync(_me, new PriceForm
        {
            Provider = "openai",
            Model = model,
            ValidFrom = s_day.AddDays(-1),
            Currency = currency,
            PerMillion = rates,
            BatchDiscountPercent = 50,
            Tiers = tier is { } above ? [new TierForm { AboveInputTokens = above, PerMillion = rates with { Input = input * 2 } }] : [],
        }, null, default);
        Assert.Empty(saved.Problems);
    }

    private Task<List<string>> ActionsAsync() => _test.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).Select(row => row.Action).ToListAsync());

    private Task<List<decimal?>> DollarsAsync() => _test.Database.ReadAsync(context => context.Usage.OrderBy(row => row.CallId).Select(row => row.CostNanos / 1_000_000_000m).ToListAsync());

    private Task<List<string>> CostsAsync() => _test.Database.ReadAsync(CostsAsync);

    private static async Task<List<string>> CostsAsync(PortalDbContext context) =>
        [.. (await context.Usage.Join(context.UsageSeries, row => row.SeriesId, series => series.Id, (row, series) => new { row.CallId, row.CostNanos, series.Currency, series.User })
            .OrderBy(row => row.CallId).ToListAsync()).Select(row => $"{row.CallId} {row.CostNanos} {row.Currency} {row.User}")];

    private async Task RequireSumsAreThoseOfCallsAsync()
    {
        var (rows, hours) = await _test.Database.ReadAsync(async context => (await context.Usage.ToListAsync(), await context.UsageHours.ToListAsync()));
        var expected = new Dictionary<(long, long), UsageHour>();
        foreach (var row in rows)
        {
            var key = (row.StartedSecond / 3600, row.SeriesId);
            (expected.TryGetValue(key, out var sum) ? sum : expected[key] = new UsageHour { Hour = key.Item1, SeriesId = key.SeriesId }).Add(row);
        }

        Assert.Equal(JsonSerializer.Serialize(expected.Values.OrderBy(hour => hour.Hour).ThenBy(hour => hour.SeriesId)),
            JsonSerializer.Serialize(hours.OrderBy(hour => hour.Hour).ThenBy(hour => hour.SeriesId)));
    }

    private static UsageRecord Call(string id, int minute) => new()
    {
        CallId = id,
        StartedAt = s_day.AddMinutes(minute),
        Namespace = "n",
        Flow = "f",
        Prompt = "p",
        Provider = "openai",
        Model = "gpt-4o",
        Usage = new TokenUsage { InputTokens = 1_000_000, OutputTokens = 0 },
        FinishReason = "stop",
        Duration = TimeSpan.FromSeconds(1),
    };
}
