using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Data;

/// <summary>What follows a commit must harm neither it nor those who write next.</summary>
public sealed class CommitHandlersTests : IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly ListLogger<PortalDatabase> _log = new();
    private readonly PortalDatabase _database;

    public CommitHandlersTests() => _database = _test.Open(_log);

    public void Dispose()
    {
        _database.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task AfterCommit_Throws_WriteStandsAndTheOthersRun()
    {
        var ran = 0;

        await WriteAsync("one", context =>
        {
            context.OnCommit(() => throw new InvalidOperationException("between us"));
            context.AfterCommit(() => throw new InvalidOperationException("between us"));
            context.AfterCommit(() => ran++);
        });
        await WriteAsync("two", context => context.AfterCommit(() => ran++));

        Assert.Equal((2, 2), (ran, await CountAsync()));
        Assert.Equal(2, _log.Entries.Count);
        Assert.All(_log.Entries, entry =>
        {
            Assert.Equal((LogLevel.Error, null), (entry.Level, entry.Exception));
            Assert.Contains(nameof(CommitHandlersTests), entry.Text, StringComparison.Ordinal);
            Assert.Contains("System.InvalidOperationException", entry.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("between us", entry.Text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task AfterCommit_TakesLong_OthersWriteMeanwhile()
    {
        using var go = new ManualResetEventSlim();
        var order = new List<string>();
        var slow = WriteAsync("slow", context => context.AfterCommit(() =>
        {
            Assert.True(go.Wait(RunningPortal.Patience));
            order.Add("slow");
        }));
        await CommittedAsync(1);

        await WriteAsync("silent", static _ => { }).WaitAsync(RunningPortal.Patience);
        var next = WriteAsync("next", context => context.AfterCommit(() => order.Add("next")));
        await CommittedAsync(3);

        Assert.False(slow.IsCompleted || next.IsCompleted);
        Assert.Empty(order);
        go.Set();
        await Task.WhenAll(slow, next).WaitAsync(RunningPortal.Patience);
        Assert.Equal(["slow", "next"], order);
    }

    [Fact]
    public async Task AfterCommit_ManyAtOnce_RunInTheOrderOfTheCommitsBeforeTheWriteReturns()
    {
        var (committed, handled, atOnce) = (new List<int>(), new List<int>(), 0);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(number => Task.Run(async () =>
        {
            await WriteAsync($"{number}", context =>
            {
                context.OnCommit(() => committed.Add(number));
                context.AfterCommit(() =>
                {
                    Assert.Equal(1, Interlocked.Increment(ref atOnce));
                    handled.Add(number);
                    Interlocked.Decrement(ref atOnce);
                });
            });
            Assert.Contains(number, handled.ToArray());
        })));

        Assert.Equal(50, handled.Count);
        Assert.Equal(committed, handled);
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task AfterCommit_GivenUp_DoesNotRun()
    {
        var ran = false;

        await Assert.ThrowsAsync<FormatException>(() => _database.WriteAsync<int>(
            context =>
            {
                context.OnCommit(() => ran = true);
                context.AfterCommit(() => ran = true);
                throw new FormatException();
            },
            default));

        Assert.False(ran);
    }

    [Fact]
    public async Task WriteAsync_OnAPageThatIsBusy_HoldsUpNobody()
    {
        var page = new BusyPage();
        Task write;
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(page);
        try
        {
            write = _database.WriteAsync(async _ => await Task.Yield(), default);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        await WriteAsync("other", static _ => { }).WaitAsync(RunningPortal.Patience);
        await write.WaitAsync(RunningPortal.Patience);
    }

    private Task WriteAsync(string name, Action<PortalDbContext> more) => _database.WriteAsync(
        context =>
        {
            context.Milestones.Add(new Milestone { Name = name, At = DateTime.UnixEpoch });
            more(context);
            return Task.CompletedTask;
        },
        default);

    private Task<int> CountAsync() => _database.ReadAsync(context => context.Milestones.CountAsync());

    private async Task CommittedAsync(int count)
    {
        using var patience = new CancellationTokenSource(RunningPortal.Patience);
        while (await CountAsync() < count)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Comes to nothing that is asked of it.</summary>
    private sealed class BusyPage : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
