using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Usage;

public sealed class UsageGroupsTests : IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly UsageGroups _groups;

    public UsageGroupsTests() => _groups = new UsageGroups(new UsageLog(_test.Database, new PriceBook(), TimeProvider.System));

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task AddAsync_ManyAtOnceThatOverlap_EachIsToldWhatWasNewAndNothingCountsTwice()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 40).Select(batch => Task.Run(() => _groups.AddAsync([.. Enumerable.Range(batch * 5, 10).Select(index => Record($"{index}"))]))));

        Assert.Equal(205, added.Sum());
        Assert.Equal(205, await _test.Database.ReadAsync(context => context.Usage.CountAsync()));
        Assert.Equal(205, await _test.Database.ReadAsync(context => context.UsageHours.SumAsync(hour => hour.Calls)));
    }

    [Fact]
    public async Task AddAsync_OneThatCannotBeWritten_IsToldSoAndTheOthersAreWritten()
    {
        var poison = Record("bad") with { TraceId = "taken" };
        await _groups.AddAsync([Record("known") with { TraceId = "taken" }]);
        await ExecuteAsync("CREATE UNIQUE INDEX poison ON usage (TraceId) WHERE TraceId = 'taken'");

        // While this writes, the others wait, and are then one group.
        var held = new TaskCompletionSource();
        var writing = _test.Database.WriteAsync(_ => held.Task, default);
        var first = _groups.AddAsync([Record("first")]);
        var bad = _groups.AddAsync([poison, Record("with bad")]);
        var good = _groups.AddAsync([Record("good")]);
        held.SetResult();
        await writing;

        await Assert.ThrowsAnyAsync<DbException>(() => bad);
        Assert.Equal((1, 1), (await first, await good));
        Assert.Equal(["first", "good", "known"], await _test.Database.ReadAsync(context => context.Usage.Select(row => row.CallId).Order().ToListAsync()));
        await ExecuteAsync("DROP INDEX poison");
        Assert.Equal(2, await _groups.AddAsync([poison, Record("with bad")]));
    }

    private Task ExecuteAsync(string sql) => _test.Database.WriteAsync(async context =>
    {
        await using var command = context.CommandOf(sql);
        await command.ExecuteNonQueryAsync();
    }, default);

    private static UsageRecord Record(string id) => new()
    {
        CallId = id,
        StartedAt = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero),
        Flow = "f",
        Provider = "openai",
        Model = "gpt-4o",
        Usage = new TokenUsage { InputTokens = 1, OutputTokens = 1 },
        FinishReason = "stop",
        Duration = TimeSpan.FromSeconds(1),
    };
}
