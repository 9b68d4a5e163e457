using Portal.Features.Health.Map;
using Portal.Features.Health.Overview;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Flows.Chain;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Health.Overview;

public sealed class FlowFiguresTests : IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 5, 1, 12, 30, 0, TimeSpan.Zero));
    private readonly UsageLog _log;
    private readonly FlowFigures _figures;

    public FlowFiguresTests()
    {
        _log = new UsageLog(_test.Database, new PriceBook(), _clock);
        _figures = new FlowFigures(_test.Database, _log, _clock);
    }

    public void Dispose()
    {
        _figures.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task ReadAsync_CallsOfFlows_AreCountedByFlow()
    {
        await AddAsync(Record("a", "web", TimeSpan.Zero), Record("b", "web", TimeSpan.Zero) with { Outcome = "INTERNAL", Duration = TimeSpan.FromSeconds(2) }, Record("c", "other", TimeSpan.Zero));

        var figures = await _figures.ReadAsync(default);

        var web = figures[("shop", "web")];
        Assert.Equal((2L, 1L, 0.5), (web.Calls, web.Errors, web.ErrorRate));
        Assert.InRange(web.Percentile(0.95)!.Value, 1000, 2500);
        Assert.Equal(1, figures[("shop", "other")].Calls);
    }

    [Fact]
    public async Task Of_TwoFlowSetsWithAFlowOfOneName_ShareNothing()
    {
        var directory = ReferenceChainTests.DirectoryOf("""
            kind: FlowSet
            metadata: {name: east, namespace: shop}
            spec: {image: x, flows: [{name: greet}]}
            ---
            kind: FlowSet
            metadata: {name: west, namespace: shop}
            spec: {image: x, flows: [{name: greet}, {name: part}]}
            ---
            kind: Flow
            metadata: {name: greet, namespace: shop}
            spec: {image: x}
            """);
        using var board = new FlowBoard(directory);
        await AddAsync(Record("a", "east/greet", TimeSpan.Zero), Record("b", "west/greet", TimeSpan.Zero), Record("c", "west/part", TimeSpan.Zero), Record("d", "west/greet", TimeSpan.Zero), Record("e", "greet", TimeSpan.Zero));

        var figures = await _figures.ReadAsync(default);

        Assert.Equal([("Flow/greet", 1L), ("FlowSet/east", 1L), ("FlowSet/west", 3L)], board.List("shop").Select(row => (row.Key, FlowFigures.Of(row, figures).Calls)).Order());
    }

    [Fact]
    public async Task ReadAsync_CallsOfYesterdayAndOfThePlayground_DoNotCount()
    {
        await AddAsync(Record("a", "web", TimeSpan.FromHours(23)), Record("b", "web", TimeSpan.FromHours(25)));
        await _log.AddAsync([Record("c", "web", TimeSpan.Zero)], UsageLog.FromPlayground, default);

        Assert.Equal(1, (await _figures.ReadAsync(default))[("shop", "web")].Calls);
    }

    [Fact]
    public async Task ReadAsync_WithinTwoSeconds_IsNotReadAgain()
    {
        await AddAsync(Record("a", "web", TimeSpan.Zero));
        var before = await _figures.ReadAsync(default);
        await AddAsync(Record("b", "web", TimeSpan.Zero));
        Assert.Same(before, await _figures.ReadAsync(default));

        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await _figures.ReadAsync(default))[("shop", "web")].Calls);
    }

    [Fact]
    public async Task MapCallers_CallsOfTheLastWeek_AreByCaller()
    {
        await AddAsync(
            Record("a", "web", TimeSpan.FromDays(6)) with { Caller = "ada" }, Record("b", "web", TimeSpan.Zero) with { Caller = "ada" }, Record("c", "web", TimeSpan.FromDays(8)) with { Caller = "old" },
            Record("d", "web", TimeSpan.Zero));

        var calls = await new MapCallers(_test.Database, _clock).ReadAsync("shop", default);

        Assert.Equal(["web ada 2", "web unknown 1"], calls.Select(call => $"{call.Flow} {call.Caller} {call.Calls}").Order());
    }

    private Task<int> AddAsync(params UsageRecord[] records) => _log.AddAsync(records, UsageLog.FromFlow, default);

    private UsageRecord Record(string id, string flow, TimeSpan ago) => new()
    {
        CallId = id,
        Namespace = "shop",
        Flow = flow,
        Provider = "openai",
        Model = "gpt-4o",
        Usage = new TokenUsage { InputTokens = 10, OutputTokens = 5 },
        Outcome = "OK",
        FinishReason = "stop",
        StartedAt = _clock.GetUtcNow() - ago,
        Duration = TimeSpan.FromMilliseconds(80),
    };
}
