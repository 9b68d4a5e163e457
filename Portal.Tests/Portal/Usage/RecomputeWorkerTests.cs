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

/// <summary>What does recomputations in the portal that leads; virtual time.</summary>
public sealed class RecomputeWorkerTests : IDisposable
{
    private static readonly DateTimeOffset s_day = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new(s_day.AddDays(1));
    private readonly CurrentUser _me = TestUsers.Administrator();
    private readonly ListLogger<RecomputeWorker> _log = new();
    private readonly PriceBook _book = new();
    private readonly Recomputations _jobs;
    private readonly RecomputeWorker _worker;

    public RecomputeWorkerTests()
    {
        _jobs = New(_test.Database);
        _worker = new RecomputeWorker(_jobs, _clock, _log);
    }

    public void Dispose()
    {
        _worker.Dispose();
        _jobs.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task Worker_LeftByAPortalThatWasKilled_GoesOnWithNobodyAsking()
    {
        await AddAsync(6_000);
        await EnterAsync();
        var killed = New(_test.Open());
        await killed.BeginAsync(_me, s_day, default);
        Assert.True(await killed.StepAsync(default));

        await RunUntilAsync(() => _worker.StartAsync(default));

        Assert.Equal((Recomputation.Done, 6_000L, 6_000L), await StateAsync());
        await _worker.StopAsync(default);
    }

    [Fact]
    public async Task Worker_BegunOnAPortalThatDoesNotLead_DoesItWhenItHears()
    {
        await AddAsync(10);
        await EnterAsync();
        await _worker.StartAsync(default);
        var other = New(_test.Open());

        // Several times: the worker may just be looking for work when the first one begins.
        for (var changed = 10; changed >= 0; changed -= 5)
        {
            // As PortalNews does when the other one's message comes.
            await RunUntilAsync(async () =>
            {
                await other.BeginAsync(_me, s_day, default);
                _jobs.Hear();
            });
            Assert.Equal((Recomputation.Done, 10L, changed == 10 ? 10L : 0L), await StateAsync());
            Assert.False(await _jobs.StepAsync(default));
        }

        await _worker.StopAsync(default);
    }

    [Fact]
    public async Task Worker_FailsAtTheEndOfAPart_LeavesAllAsItWasAndTriesAgain()
    {
        await AddAsync(10);
        await EnterAsync();
        await _jobs.BeginAsync(_me, s_day, default);
        var before = await CostsAsync();
        _test.Execute("ALTER TABLE audit RENAME TO audit_away");

        await _worker.StartAsync(default);
        await _clock.TimerWithinAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(before, await CostsAsync());
        Assert.Equal((Recomputation.Running, 0L, 0L), await StateAsync());
        Assert.Single(_log.Entries);
        _test.Execute("ALTER TABLE audit_away RENAME TO audit");
        await RunUntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            return Task.CompletedTask;
        });

        Assert.Equal((Recomputation.Done, 10L, 10L), await StateAsync());
        Assert.NotEqual(before, await CostsAsync());
        await _worker.StopAsync(default);
    }

    [Fact]
    public async Task Begin_ManyAtOnceOnSeveralPortals_IsOne()
    {
        await AddAsync(10);
        Recomputations[] portals = [_jobs, New(_test.Open()), New(_test.Open())];

        var begun = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => Task.Run(() => portals[number % 3].BeginAsync(_me, s_day, default))));

        Assert.Single(begun, job => job is not null);
        Assert.Single(await _jobs.ListAsync(default));
    }

    [Fact]
    public async Task Cancel_BetweenTwoParts_EndsTheWorkAndTheNextIsDoneFromTheStart()
    {
        await AddAsync(6_000);
        await EnterAsync();
        var job = await _jobs.BeginAsync(_me, s_day, default);
        Assert.True(await _jobs.StepAsync(default));
        Assert.True(await _jobs.CancelAsync(_me, job!.Id, default));
        Assert.False(await _jobs.StepAsync(default));
        await _worker.StartAsync(default);

        await RunUntilAsync(() => _jobs.BeginAsync(_me, s_day, default));

        // What the first has changed does not change again.
        var (state, calls, changed) = await StateAsync();
        Assert.Equal((Recomputation.Done, 6_000L), (state, calls));
        Assert.InRange(changed, 1, 1_000);
        Assert.All(await CostsAsync(), cost => Assert.Equal(4_000_000_000, cost));
        await _worker.StopAsync(default);
    }

    /// <summary>Waits for the end of a recomputation that <paramref name="begin"/> brings about, or of the one that runs already.</summary>
    private async Task RunUntilAsync(Func<Task> begin)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = (await _jobs.ListAsync(default)).Where(job => job.State != Recomputation.Running).Select(job => job.Id).ToHashSet();
        void OnChanged() => _ = Task.Run(async () =>
        {
            if ((await _jobs.ListAsync(default)).Any(job => job.State == Recomputation.Done && !ended.Contains(job.Id)))
            {
                done.TrySetResult();
            }
        });
        _jobs.Changed += OnChanged;
        try
        {
            await begin();
            await done.Task.WaitAsync(RunningPortal.Patience);
        }
        finally
        {
            _jobs.Changed -= OnChanged;
        }
    }

    private Recomputations New(PortalDatabase database) =>
        new(database, _book, new UsageLog(database, _book, _clock), new global::Portal.Features.Audit.AuditLog(database, _test.AuditKey, _clock), _clock);

    private async Task AddAsync(int count) => await new UsageLog(_test.Database, _book, _clock).AddAsync(
        [.. Enumerable.Range(0, count).Select(index => new UsageRecord
        {
            CallId = $"{index:00000}",
            StartedAt = s_day.AddSeconds(index),
            Namespace = "n",
            Flow = "f",
            Provider = "openai",
            Model = "gpt-4o",
            Usage = new TokenUsage { InputTokens = 1_000_000, OutputTokens = 0 },
            FinishReason = "stop",
            Duration = TimeSpan.FromSeconds(1),
        })], UsageLog.FromFlow, default);

    private async Task EnterAsync() => Assert.Empty((await new PriceStore(_test.Database, new PriceBook(), _test.Audit, _clock).SaveAsync(
        _me, new PriceForm { Provider = "openai", Model = "gpt-4o", ValidFrom = s_day.AddDays(-1), Currency = "USD", PerMillion = new RatesForm { Input = 4m, Output = 10m } }, null, default)).Problems);

    private async Task<(string State, long Calls, long Changed)> StateAsync() => (await _jobs.ListAsync(default))[0] is var job ? (job.State, job.Calls, job.Changed) : default;

    private Task<List<long?>> CostsAsync() => _test.Database.ReadAsync(context => context.Usage.OrderBy(row => row.CallId).Select(row => row.CostNanos).ToListAsync());
}
