using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Tests.Portal.Data;

public sealed class UsageTableTests : IDisposable
{
    private readonly TestDatabase _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Insert_SameCallInTwoBatchesAndAgain_CountsTheFirst()
    {
        var first = await InsertAsync([Call("a", 1), Call("b", 2)], [Call("a", 4), Call("c", 8), Call("c", 16)]);
        var second = await InsertAsync([Call("c", 32)], [], [Call("d", 64)]);

        Assert.Equal([2, 1], first);
        Assert.Equal([0, 0, 1], second);
        Assert.Equal((4L, 75L), await SumsAsync(context => context.UsageHours));
        Assert.Equal((4L, 75L), await SumsAsync(context => context.UsageDays));
        Assert.Equal(75L, await _test.Database.ReadAsync(context => context.Usage.SumAsync(row => row.InputTokens)));
    }

    [Fact]
    public async Task Insert_IdThatPostgresCannotHold_IsKnownAgain()
    {
        var id = "a\0b" + '\ud800';

        Assert.Equal([1, 0], await InsertAsync([Call(id, 1)], [Call(id, 1)]));
        Assert.Equal([0], await InsertAsync([Call(id, 1)]));
    }

    [Fact]
    public async Task Insert_CallsOfAnHourOfADay_AreSumsOfBoth()
    {
        await InsertAsync([Call("a", 1, second: 0), Call("b", 2, second: 3_599), Call("c", 4, second: 3_600), Call("d", 8, second: 86_400)]);

        var (hours, days) = await _test.Database.ReadAsync(async context => (
            await context.UsageHours.OrderBy(sum => sum.Hour).Select(sum => new { sum.Hour, sum.InputTokens }).ToListAsync(),
            await context.UsageDays.OrderBy(sum => sum.Day).Select(sum => new { sum.Day, sum.InputTokens }).ToListAsync()));

        Assert.Equal([(0L, 3L), (1L, 4L), (24L, 8L)], hours.Select(sum => (sum.Hour, sum.InputTokens)));
        Assert.Equal([(0L, 7L), (1L, 8L)], days.Select(sum => (sum.Day, sum.InputTokens)));
    }

    private Task<List<int>> InsertAsync(params IReadOnlyList<UsageRow>[] batches) => _test.Database.WriteAsync(
        context => Task.FromResult(UsageTable.Insert(context, batches).Select(added => added.Count).ToList()), CancellationToken.None);

    private async Task<(long Calls, long Tokens)> SumsAsync(Func<PortalDbContext, IQueryable<UsageSums>> sums) => await _test.Database.ReadAsync(async context =>
        (await sums(context).SumAsync(sum => sum.Calls), await sums(context).SumAsync(sum => sum.InputTokens)));

    private static UsageRow Call(string id, long tokens, long second = 7_200) => new()
    {
        CallId = id,
        StartedAt = DateTimeOffset.FromUnixTimeSeconds(second).UtcDateTime,
        ReceivedAt = DateTimeOffset.FromUnixTimeSeconds(second).UtcDateTime,
        StartedSecond = second,
        SeriesId = 1,
        Source = "flow",
        Provider = "demo",
        Model = "echo",
        InputTokens = tokens,
        Outcome = UsageRow.Ok,
        FinishReason = "stop",
        DurationMicroseconds = 1,
    };
}
