using System.Data.Common;
using Portal.Components;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Components;

public sealed class LiveQueryTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly Queue<TaskCompletionSource> _ends = [];
    private int _runs;

    [Fact]
    public async Task Request_AThousandTimesWhileItRuns_RunsOnceMoreAfterARest()
    {
        var (first, second) = (Next(), Next());
        using var query = New();
        query.Request();
        await BegunAsync();
        for (var i = 0; i < 1_000; i++)
        {
            query.Request();
        }

        first.SetResult();
        await RestAsync(TimeSpan.FromSeconds(1));

        await BegunAsync();
        second.SetResult();
        await RestAsync(TimeSpan.FromSeconds(1));
        Next();
        query.Request();
        await BegunAsync();
        Assert.Equal(3, _runs);
    }

    [Fact]
    public async Task Request_OfAQueryThatTakesLong_RestsAsLong()
    {
        var (slow, next) = (Next(), Next());
        using var query = New();
        query.Request();
        await BegunAsync();
        query.Request();
        _clock.Advance(TimeSpan.FromSeconds(5));
        slow.SetResult();

        await _clock.TimerWithinAsync(TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(1, _runs);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        await BegunAsync();
        next.SetResult();
    }

    [Fact]
    public async Task Request_DatabaseDoesNotAnswer_IsAskedAgainUntilItDoes()
    {
        var (refused, answered) = (Next(), Next());
        using var query = New();
        query.Request();
        await BegunAsync();
        refused.SetException(new Unreachable());
        await RestAsync(TimeSpan.FromSeconds(1));

        await BegunAsync();
        answered.SetResult();
        await RestAsync(TimeSpan.FromSeconds(1));
        Next();
        query.Request();
        await BegunAsync();
        Assert.Equal(3, _runs);
    }

    [Fact]
    public async Task Request_AfterDispose_RunsNothing()
    {
        Next().SetResult();
        var query = New();
        query.Request();
        await BegunAsync();
        query.Dispose();

        query.Request();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, _runs);
    }

    private LiveQuery New() => new(
        () =>
        {
            Interlocked.Increment(ref _runs);
            _begun.Release();
            return _ends.Dequeue().Task;
        },
        _clock);

    private TaskCompletionSource Next()
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ends.Enqueue(end);
        return end;
    }

    private async Task BegunAsync() => Assert.True(await _begun.WaitAsync(RunningPortal.Patience));

    private async Task RestAsync(TimeSpan time)
    {
        await _clock.TimerWithinAsync(time);
        _clock.Advance(time);
    }

    private sealed class Unreachable : DbException;
}
