using Portal.Operator.Reconciliation;
using Portal.Tests.Shared;

namespace Portal.Tests.Operator.Reconciliation;

public class WriteLimitTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task WaitAsync_AfterTheBurst_LetsOneThroughAtATime()
    {
        var limit = new WriteLimit(10, _time);
        for (var write = 0; write < 20; write++)
        {
            Assert.True(limit.WaitAsync(CancellationToken.None).AsTask().IsCompleted);
        }

        var (next, last) = (limit.WaitAsync(CancellationToken.None).AsTask(), limit.WaitAsync(CancellationToken.None).AsTask());

        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await next.WaitAsync(ManualTimeProvider.Patience);
        Assert.False(last.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await last.WaitAsync(ManualTimeProvider.Patience);
    }

    [Fact]
    public async Task WaitAsync_AfterARest_HasTheBurstAgainAndNoMore()
    {
        var limit = new WriteLimit(10, _time);
        _time.Advance(TimeSpan.FromHours(1));
        for (var write = 0; write < 20; write++)
        {
            Assert.True(limit.WaitAsync(CancellationToken.None).AsTask().IsCompleted);
        }

        using var stop = new CancellationTokenSource();
        var waiting = limit.WaitAsync(stop.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void WaitAsync_NoLimit_NeverWaits()
    {
        var limit = new WriteLimit(0, _time);

        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.True(limit.WaitAsync(CancellationToken.None).AsTask().IsCompleted));
    }
}
