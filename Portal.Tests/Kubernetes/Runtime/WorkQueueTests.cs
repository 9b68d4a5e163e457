using System.Collections.Concurrent;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

public sealed class WorkQueueTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new WorkQueue<string>(_time, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), "test");

    [Fact]
    public async Task Add_TwiceWhileWaiting_IsHandedOutOnce()
    {
        _queue.Add("a");
        _queue.Add("a");
        _queue.Add("b");
        Assert.Equal("a", await TakeAsync());
        Assert.Equal("b", await TakeAsync());
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task Add_WhileBeingWorkedOn_IsHandedOutAgainAfterDone()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        _queue.Add("a");
        await AssertEmptyAsync();
        _queue.Done("a");
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task AddAfter_IsHandedOutWhenDue()
    {
        _queue.AddAfter("late", TimeSpan.FromSeconds(20));
        _queue.AddAfter("soon", TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        await AssertEmptyAsync();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("soon", await TakeAsync());
        await AssertEmptyAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("late", await TakeAsync());
    }

    [Theory]
    [InlineData(5, 10)]
    [InlineData(10, 5)]
    public async Task AddAfter_Twice_TheEarlierTimeCounts(int first, int second)
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(first));
        _queue.AddAfter("a", TimeSpan.FromSeconds(second));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        _time.Advance(TimeSpan.FromMinutes(1));
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task AddAfter_TakenSooner_DoesNotComeAgain()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.Add("a");
        await TakeAsync();
        _queue.Done("a");
        _time.Advance(TimeSpan.FromMinutes(1));
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task AddAfter_MonthsAhead_Works()
    {
        _queue.AddAfter("a", TimeSpan.FromDays(100));
        _time.Advance(TimeSpan.FromDays(99.9));
        await AssertEmptyAsync();
        _time.Advance(TimeSpan.FromDays(0.1));
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Retry_DelaysGrowToTheLimitAndForgetStartsOver()
    {
        foreach (var seconds in new[] { 1, 2, 4, 8, 10, 10 })
        {
            await RetryComesAfterAsync(seconds);
        }

        _queue.Forget("a");
        await RetryComesAfterAsync(1);
    }

    [Fact]
    public async Task TakeAsync_Disposed_EndsForAll()
    {
        var waiting = _queue.TakeAsync(default).AsTask();
        _queue.Dispose();
        Assert.False((await waiting.WaitAsync(ManualTimeProvider.Patience)).Found);
        _queue.Add("a");
        _queue.AddAfter("b", TimeSpan.FromSeconds(1));
        Assert.False((await _queue.TakeAsync(default)).Found);
    }

    [Fact]
    public async Task TakeAsync_Cancelled_Throws()
    {
        using var stop = new CancellationTokenSource();
        var waiting = _queue.TakeAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task TakeAsync_ManyWorkersAndAdders_NeverSharesAKeyAndLosesNoAdd()
    {
        const int Keys = 8;
        const int Adds = 4000;
        using var queue = new WorkQueue<int>(TimeProvider.System, "test");
        var added = new int[Keys];
        var seen = new int[Keys];
        var active = new int[Keys];
        var clashes = new ConcurrentQueue<int>();
        var workers = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (await queue.TakeAsync(default) is (true, var key))
            {
                if (Interlocked.Increment(ref active[key]) != 1)
                {
                    clashes.Enqueue(key);
                }

                Volatile.Write(ref seen[key], Volatile.Read(ref added[key]));
                await Task.Yield();
                Interlocked.Decrement(ref active[key]);
                queue.Done(key);
            }
        })).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(adder => Task.Run(async () =>
        {
            for (var i = 0; i < Adds; i++)
            {
                var key = (i + adder) % Keys;
                Interlocked.Increment(ref added[key]);
                queue.Add(key);
                if (i % 100 == 0)
                {
                    await Task.Yield();
                }
            }
        })));
        while (queue.Count > 0)
        {
            await Task.Yield();
        }

        queue.Dispose();
        await Task.WhenAll(workers).WaitAsync(ManualTimeProvider.Patience);
        Assert.Empty(clashes);
        Assert.Equal(added, seen);
    }

    private async Task RetryComesAfterAsync(int seconds)
    {
        _queue.Retry("a");
        _time.Advance(TimeSpan.FromSeconds(seconds - 0.01));
        await AssertEmptyAsync();
        _time.Advance(TimeSpan.FromSeconds(0.01));
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
    }

    private async Task<string> TakeAsync()
    {
        var (found, item) = await _queue.TakeAsync(default).AsTask().WaitAsync(ManualTimeProvider.Patience);
        Assert.True(found);
        return item;
    }

    /// <summary>Nothing is ready: a marker put in now comes out first.</summary>
    private async Task AssertEmptyAsync()
    {
        var marker = Guid.NewGuid().ToString();
        _queue.Add(marker);
        Assert.Equal(marker, await TakeAsync());
        _queue.Done(marker);
    }
}
