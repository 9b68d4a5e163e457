using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Budgets;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Budgets;

public sealed class BudgetMonitorTests : IDisposable
{
    private readonly BudgetScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Count_SpendingGrows_GoesFromOkOverWarningToExhausted()
    {
        var budget = await _scene.MakeAsync(BudgetScene.Body());
        var (monitor, board, _, _) = _scene.NewPortal();
        var states = new List<(BudgetState, bool)>();
        foreach (var spent in new[] { 0m, 4.9m, 0.1m, 4.9m, 0.1m })
        {
            await _scene.SpendAsync(spent);
            await monitor.CountAsync(default);
            states.Add((board.Find(budget)!.State, board.Stops.Find(new BudgetedCall("n", "f"), _scene.Clock.GetUtcNow()) is not null));
        }

        Assert.Equal([(BudgetState.Ok, false), (BudgetState.Ok, false), (BudgetState.Warning, false), (BudgetState.Warning, false), (BudgetState.Exhausted, true)], states);
    }

    [Fact]
    public async Task Count_EachThreshold_IsToldOncePerWindowWhoeverCounts()
    {
        await _scene.MakeAsync(BudgetScene.Body());
        var (first, second) = (_scene.NewPortal().Monitor, _scene.NewPortal().Monitor);
        await _scene.SpendAsync(6);
        await Task.WhenAll(first.CountAsync(default), second.CountAsync(default));
        await first.CountAsync(default);
        await _scene.NewPortal().Monitor.CountAsync(default); // after a restart
        _scene.Clock.Advance(TimeSpan.FromSeconds(1));
        await _scene.SpendAsync(6);
        await Task.WhenAll(second.CountAsync(default), first.CountAsync(default));

        Assert.Equal(["Budget “Ours” has reached 50 %", "Budget “Ours” is used up"], await ToldAsync()); // 80 and 100 at once: one message
        _scene.Clock.Advance(TimeSpan.FromDays(25)); // April
        await first.CountAsync(default);
        await _scene.SpendAsync(6);
        await first.CountAsync(default);
        Assert.Equal(3, (await ToldAsync()).Count);
    }

    [Fact]
    public async Task Count_ClockGoesBackAMonth_TellsNothingTwice()
    {
        await _scene.MakeAsync(BudgetScene.Body());
        var monitor = _scene.NewPortal().Monitor;
        await _scene.SpendAsync(6);
        await monitor.CountAsync(default);
        _scene.Clock.Jump(TimeSpan.FromDays(-30));
        await monitor.CountAsync(default);
        _scene.Clock.Jump(TimeSpan.FromDays(30));
        await monitor.CountAsync(default);

        // While the clock stands in February all of March has yet to come, and counts as spent.
        Assert.InRange((await ToldAsync()).Count, 1, 2);
        await monitor.CountAsync(default);
        Assert.InRange((await ToldAsync()).Count, 1, 2);
    }

    [Fact]
    public async Task Count_ManyWindowsAndAmounts_RemembersThoseOfNow()
    {
        await _scene.MakeAsync(BudgetScene.Body(amount: 0.01m) with { Period = BudgetPeriod.Day });
        var (monitor, _, alerts, _) = _scene.NewPortal();
        var known = new List<int>();
        for (var day = 0; day < 5; day++)
        {
            await _scene.SpendAsync(1);
            await monitor.CountAsync(default);
            known.Add(alerts.Known);
            _scene.Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.All(known, count => Assert.Equal(3, count));
    }

    [Fact]
    public async Task Count_BudgetIsRaised_LetsCallsThroughAndTellsOfTheNewAmount()
    {
        var budget = await _scene.MakeAsync(BudgetScene.Body());
        var (monitor, board, _, _) = _scene.NewPortal();
        await _scene.SpendAsync(11);
        await monitor.CountAsync(default);
        var stopped = board.Stops.Stops.Count;
        _scene.Clock.Advance(TimeSpan.FromSeconds(1));

        await _scene.Store.UpdateAsync(TestUsers.Administrator(), budget.Id, BudgetScene.Body(amount: 20) with { Version = 1 }, default);
        await monitor.CountAsync(default);

        Assert.Equal((1, 0), (stopped, board.Stops.Stops.Count));
        Assert.Equal(["Budget “Ours” is used up", "Budget “Ours” has reached 50 %"], await ToldAsync());
    }

    [Fact]
    public async Task Count_BudgetIsRenamedWhileItRefuses_RefusesByItsNewNameAndTellsNothingTwice()
    {
        var budget = await _scene.MakeAsync(BudgetScene.Body());
        var (monitor, board, _, _) = _scene.NewPortal();
        await _scene.SpendAsync(11);
        await monitor.CountAsync(default);

        await _scene.Store.UpdateAsync(TestUsers.Administrator(), budget.Id, BudgetScene.Body("Theirs") with { Version = 1, Contact = "Bo" }, default);
        await monitor.CountAsync(default);

        var stop = Assert.Single(board.Stops.Stops);
        Assert.Equal((budget.Id, "Theirs", "Bo"), (stop.Id, stop.Name, stop.Contact));
        Assert.Equal(["Budget “Ours” is used up"], await ToldAsync());
    }

    [Fact]
    public async Task Count_BudgetIsDeletedWhileItRefuses_LetsCallsThroughAndOneOfItsNameBeginsAnew()
    {
        var budget = await _scene.MakeAsync(BudgetScene.Body());
        var (monitor, board, _, _) = _scene.NewPortal();
        await _scene.SpendAsync(11);
        await monitor.CountAsync(default);
        Assert.Single(board.Stops.Stops);

        Assert.True(await _scene.Store.DeleteAsync(TestUsers.Administrator(), budget.Id, default));
        await monitor.CountAsync(default);
        Assert.Empty(board.Stops.Stops);

        var again = await _scene.MakeAsync(BudgetScene.Body());
        await monitor.CountAsync(default);
        Assert.Equal(again.Id, Assert.Single(board.Stops.Stops).Id);
        Assert.Equal(2, (await ToldAsync()).Count);
    }

    [Fact]
    public async Task Count_TwoBudgetsOverOneCall_EachRefusesUntilItsOwnEnd()
    {
        await _scene.MakeAsync(BudgetScene.Body("Today") with { Period = BudgetPeriod.Day });
        await _scene.MakeAsync(BudgetScene.Body("Flow") with { Scope = BudgetScope.Flow, Subject = "f", Period = BudgetPeriod.Month, Contact = "Bo" });
        var (monitor, board, _, _) = _scene.NewPortal();
        var call = new BudgetedCall("n", "f");
        await _scene.SpendAsync(11);
        await monitor.CountAsync(default);

        Assert.Equal(("Flow", "Bo"), (board.Stops.Find(call, _scene.Clock.GetUtcNow())!.Name, board.Stops.Find(call, _scene.Clock.GetUtcNow())!.Contact));
        Assert.Equal("Today", board.Stops.Find(new BudgetedCall("n", "another"), _scene.Clock.GetUtcNow())!.Name);
        _scene.Clock.Advance(TimeSpan.FromHours(13));
        await monitor.CountAsync(default);
        Assert.Null(board.Stops.Find(new BudgetedCall("n", "another"), _scene.Clock.GetUtcNow()));
        Assert.Equal("Flow", board.Stops.Find(call, _scene.Clock.GetUtcNow())!.Name);
        Assert.Equal(2, (await ToldAsync()).Count);
    }

    [Fact]
    public async Task Count_WindowTurns_LetsCallsThrough()
    {
        var budget = await _scene.MakeAsync(BudgetScene.Body() with { Period = BudgetPeriod.Day, TimeZone = "Europe/Berlin" });
        var (monitor, board, _, _) = _scene.NewPortal();
        await _scene.SpendAsync(11);
        await monitor.CountAsync(default);
        var stop = Assert.Single(board.Stops.Stops);
        Assert.Equal(new DateTimeOffset(2026, 3, 10, 23, 0, 0, TimeSpan.Zero), stop.Until);

        _scene.Clock.Advance(TimeSpan.FromHours(11));
        await monitor.CountAsync(default);

        Assert.Empty(board.Stops.Stops);
        Assert.Equal(BudgetState.Ok, board.Find(budget)!.State);
    }

    [Theory]
    [InlineData(BudgetEnforcement.Notify, 0, false)]
    [InlineData(BudgetEnforcement.Shadow, 1, true)]
    [InlineData(BudgetEnforcement.Enforce, 1, false)]
    public async Task Count_UsedUp_StopsAsItIsToldTo(BudgetEnforcement enforcement, int stops, bool shadow)
    {
        var body = BudgetScene.Body() with { Scope = BudgetScope.Team, Namespace = null, Subject = "red", Enforcement = enforcement, Contact = "" };
        await _scene.MakeAsync(body);
        var (monitor, board, _, _) = _scene.NewPortal();
        await _scene.SpendAsync(11, record => record with { Team = "red" });
        await monitor.CountAsync(default);

        Assert.Equal(stops, board.Stops.Stops.Count);
        Assert.All(board.Stops.Stops, stop => Assert.Equal((shadow, "red", null, null, null), (stop.Shadow, stop.Team, stop.Namespace, stop.User, stop.Contact)));
    }

    [Fact]
    public async Task Count_FirstTimeWithoutAnyBudget_IsCounted()
    {
        var (monitor, board, _, _) = _scene.NewPortal();
        var before = board.Counted.IsCompleted;

        await monitor.CountAsync(default);

        Assert.Equal((false, true), (before, board.Counted.IsCompleted));
    }

    [Fact]
    public async Task Count_SpendingGrows_WakesEvaluationsOnlyWhenWhatStopsThemDiffers()
    {
        var budget = await _scene.MakeAsync(BudgetScene.Body());
        var (monitor, board, _, _) = _scene.NewPortal();
        var (all, woken) = (0, new List<int>());
        var wakes = 0;
        board.Changed += () => all++;
        new EvalBudgets(board, _scene.Clock).Changed += () => wakes++;
        foreach (var spent in new[] { 5m, 6m, 1m })
        {
            await _scene.SpendAsync(spent);
            await monitor.CountAsync(default);
            woken.Add(wakes);
        }

        await _scene.Store.UpdateAsync(TestUsers.Administrator(), budget.Id, BudgetScene.Body("Theirs") with { Version = 1 }, default);
        await monitor.CountAsync(default);

        Assert.Equal((4, "0 1 1 2"), (all, string.Join(' ', [.. woken, wakes])));
    }

    [Fact]
    public async Task Replace_TwoStopsEndTogether_NamesTheSameWhateverTheirOrder()
    {
        await _scene.MakeAsync(BudgetScene.Body("One"));
        await _scene.MakeAsync(BudgetScene.Body("Two"));
        var (monitor, board, _, _) = _scene.NewPortal();
        await _scene.SpendAsync(11);
        await monitor.CountAsync(default);
        List<BudgetStatus> counted = [.. board.All];
        var (one, other) = (new BudgetBoard(), new BudgetBoard());

        one.Replace(counted);
        counted.Reverse();
        other.Replace(counted);

        Assert.Equal(2, one.Stops.Stops.Count);
        Assert.Equal(one.Stops.Stops, other.Stops.Stops);
    }

    [Fact]
    public async Task Wait_OfAnotherNamespace_IsNotWokenByWhatDoesNotConcernIt()
    {
        await _scene.MakeAsync(BudgetScene.Body());
        var (monitor, board, _, _) = _scene.NewPortal();
        await monitor.CountAsync(default);
        using var over = new CancellationTokenSource();
        var orders = new RunnerOrders(board);
        var (own, other) = (orders.WaitAsync("n", (await orders.WaitAsync("n", null, over.Token)).Tag, over.Token), orders.WaitAsync("m", (await orders.WaitAsync("m", null, over.Token)).Tag, over.Token));

        await _scene.SpendAsync(11);
        await monitor.CountAsync(default);

        Assert.Single((await own.WaitAsync(Shared.ManualTimeProvider.Patience)).Stops.Stops);
        Assert.False(other.IsCompleted);
        await over.CancelAsync();
        Assert.Empty((await other).Stops.Stops);
    }

    [Fact]
    public async Task Wait_PoliciesCannotBeRead_StillTellsTheStops()
    {
        await _scene.MakeAsync(BudgetScene.Body());
        await _scene.SpendAsync(11);
        var (monitor, board, _, _) = _scene.NewPortal();
        await monitor.CountAsync(default);

        var (stops, _) = await new RunnerOrders(board, new PoliciesAway()).WaitAsync("n", null, default);

        Assert.Single(stops.Stops);
        Assert.Null(stops.Runs);
    }

    [Fact]
    public async Task Run_UsageAndBudgetsChange_CountsByItself()
    {
        var (monitor, board, _, _) = _scene.NewPortal();
        await monitor.StartAsync(default);
        var exhausted = Reaches(board, () => board.Stops.Stops.Count > 0);

        await _scene.MakeAsync(BudgetScene.Body());
        await _scene.SpendAsync(11);
        while (!exhausted.IsCompleted)
        {
            await _scene.Clock.AdvanceToTimerAsync(TimeSpan.FromSeconds(30));
        }

        await exhausted;
        await monitor.StopAsync(default);
    }

    [Fact]
    public async Task Run_BudgetIsRaised_CountsAtOnceWhileTimeStands()
    {
        var budget = await _scene.MakeAsync(BudgetScene.Body());
        var (monitor, board, _, _) = _scene.NewPortal();
        await _scene.SpendAsync(11);
        var stopped = Reaches(board, () => board.Stops.Stops.Count > 0);
        await monitor.StartAsync(default);
        await stopped;
        var served = Reaches(board, () => board.Stops.Stops.Count == 0);

        await _scene.Store.UpdateAsync(TestUsers.Administrator(), budget.Id, BudgetScene.Body(amount: 20) with { Version = 1 }, default);

        await served;
        await monitor.StopAsync(default);
    }

    private static Task Reaches(BudgetBoard board, Func<bool> condition)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        board.Changed += () =>
        {
            if (condition())
            {
                reached.TrySetResult();
            }
        };
        return reached.Task.WaitAsync(Shared.ManualTimeProvider.Patience);
    }

    private async Task<List<string>> ToldAsync() =>
        await _scene.Database.ReadAsync(context => context.Notifications.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).Select(row => row.Subject).ToListAsync());

    private sealed class PoliciesAway : IContentPolicies
    {
        public Task Changed { get; } = new TaskCompletionSource().Task;

        public ValueTask<ContentPolicy> FindAsync(string @namespace) => throw new Npgsql.NpgsqlException("The server is away.");
    }
}
