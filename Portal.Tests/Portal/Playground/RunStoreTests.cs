using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Features.Budgets;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Releases.Reviewing;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Budgets;
using Portal.Tests.Portal.Data;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Portal.Playground;

public sealed class RunStoreTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly BudgetBoard _budgets = new();
    private readonly PriceBook _prices = new([new Price { Provider = "fake", Model = "priced", ValidFrom = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Rates = new PriceRates { Input = 1_000_000_000, Output = 2_000_000_000 } }], []);

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Start_ModelAnswers_StreamsThenRecordsUsageAndCost()
    {
        var store = await NewAsync(FakeProvider.Saying("Hello ", "world"));

        var run = store.Start(TestUsers.Administrator(), Request("priced"));
        await run.Ended.WaitAsync(RunningPortal.Patience);

        var recorded = (await store.FindAsync(run.Id, CancellationToken.None))!;
        Assert.Null(store.FindRunning(run.Id));
        Assert.Equal((RunState.Completed, "Hello world", "stop"), (recorded.State, recorded.Output, recorded.FinishReason));
        Assert.Equal((11L, 2L, 15L), (recorded.Usage.InputTokens, recorded.Usage.OutputTokens, recorded.Cost?.Micros));
        Assert.Equal("x", (string)recorded.Input["topic"]!);
        Assert.NotNull(recorded.FirstToken);
    }

    [Fact]
    public async Task Start_ModelWithoutPrice_IsUnpriced()
    {
        var store = await NewAsync(FakeProvider.Saying("Hello"));

        var run = store.Start(TestUsers.Administrator(), Request("unknown"));
        await run.Ended.WaitAsync(RunningPortal.Patience);

        Assert.True((await store.FindAsync(run.Id, CancellationToken.None))!.IsUnpriced);
    }

    [Fact]
    public async Task Stop_WhileAnswering_ReachesTheProviderAndKeepsWhatArrived()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = await NewAsync(new FakeProvider((_, token) => Endless(cancelled, token)));
        var run = store.Start(TestUsers.Administrator(), Request("priced"));
        await UntilAsync(run, snapshot => snapshot.Output.Length > 0);

        run.Stop();

        await cancelled.Task.WaitAsync(RunningPortal.Patience);
        await run.Ended.WaitAsync(RunningPortal.Patience);
        var recorded = (await store.FindAsync(run.Id, CancellationToken.None))!;
        Assert.Equal((RunState.Stopped, "first ", "stopped"), (recorded.State, recorded.Output, recorded.FinishReason));
    }

    [Fact]
    public async Task Start_ProviderFails_TellsCodeAndNextStep()
    {
        var refusal = new GenkitException(GenkitStatus.ResourceExhausted, "Too many requests.") { RetryAfter = TimeSpan.FromSeconds(7) };
        var store = await NewAsync(FakeProvider.Throwing(refusal, "partly "));

        var run = store.Start(TestUsers.Administrator(), Request("priced"));
        await run.Ended.WaitAsync(RunningPortal.Patience);

        var snapshot = run.Snapshot();
        Assert.Equal((RunState.Failed, "partly ", "RESOURCE_EXHAUSTED", "Run again in 7 seconds."),
            (snapshot.State, snapshot.Output, snapshot.Error!.Code, snapshot.Error.Next));
    }

    [Fact]
    public async Task Start_InputThatCannotBeRecorded_StillEnds()
    {
        var store = await NewAsync(FakeProvider.Saying("Hello"));

        var run = store.Start(TestUsers.Administrator(), Request("priced") with { Input = (JsonObject)JsonNode.Parse("""{"topic":"\ud800"}""")! });
        await run.Ended.WaitAsync(RunningPortal.Patience);

        Assert.Null(store.FindRunning(run.Id));
    }

    [Fact]
    public async Task Start_PromptThatCannotBeRendered_IsItsAuthorsToMend()
    {
        var store = await NewAsync(FakeProvider.Throwing(new GenkitException(GenkitStatus.Internal, "Not reached.")));

        var run = store.Start(TestUsers.Administrator(), Request("priced") with { Content = "---\nmodel: fake/priced\n---\n{{#if topic}} and no end" });
        await run.Ended.WaitAsync(RunningPortal.Patience);

        var error = run.Snapshot().Error!;
        Assert.Equal(("INVALID_ARGUMENT", "Mend the prompt and run again."), (error.Code, error.Next));
    }

    [Fact]
    public async Task Start_NothingConfigured_FailsWithTheObjectToCreate()
    {
        var store = await NewAsync(FakeProvider.Saying("x", ["KEY"]));

        var run = store.Start(TestUsers.Administrator(), Request("priced"));
        await run.Ended.WaitAsync(RunningPortal.Patience);

        Assert.Equal("NOT_FOUND", run.Snapshot().Error!.Code);
        Assert.Contains("PluginConfig with spec.type fake", run.Snapshot().Error!.Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ProviderAnswersGarbage_TellsTheNextStep()
    {
        var store = await NewAsync(FakeProvider.Throwing(new GenkitException(GenkitStatus.Internal, "fake answered something that is not JSON.")));

        var run = store.Start(TestUsers.Administrator(), Request("priced"));
        await run.Ended.WaitAsync(RunningPortal.Patience);

        Assert.Contains("extraConfig.baseURL", run.Snapshot().Error!.Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CloseAbandoned_RunOfAProcessThatDied_IsFailedAndNotRunning()
    {
        var journal = new RunJournal(_test.Database, _prices, new UsageLog(_test.Database, _prices, TimeProvider.System));
        var started = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await journal.OpenAsync(new RunSnapshot { Id = "old", Namespace = "n", Prompt = "p", Input = [], StartedAt = started });
        await journal.OpenAsync(new RunSnapshot { Id = "new", Namespace = "n", Prompt = "p", Input = [], StartedAt = started.AddHours(1).AddMinutes(2) });

        await journal.CloseAbandonedAsync(started.AddHours(1).AddMinutes(1), CancellationToken.None);

        Assert.Equal((RunState.Failed, "ABORTED"),
            ((await journal.FindAsync("old", default))!.State, (await journal.FindAsync("old", default))!.Error!.Code));
        Assert.Equal(RunState.Running, (await journal.FindAsync("new", default))!.State);
    }

    [Fact]
    public async Task Totals_SeveralCurrenciesAndUnpriced_AreKeptApart()
    {
        var rates = new PriceRates { Input = 1_000_000_000, Output = 2_000_000_000 };
        var now = new DateTimeOffset(2030, 1, 8, 0, 0, 0, TimeSpan.Zero);
        var prices = new PriceBook(
        [
            new Price { Id = 1, Provider = "fake", Model = "dear", ValidFrom = now.AddYears(-1), Rates = rates },
            new Price { Id = 2, Provider = "fake", Model = "teuer", ValidFrom = now.AddYears(-1), Rates = rates, Currency = "EUR" },
        ], []);
        var journal = new RunJournal(_test.Database, prices, new UsageLog(_test.Database, prices, TimeProvider.System));
        var run = new RunSnapshot
        {
            Id = "1",
            Namespace = "n",
            Prompt = "p",
            Input = [],
            StartedAt = now,
            State = RunState.Completed,
            Usage = new TokenUsage { InputTokens = 10, OutputTokens = 4 }
        };
        await journal.CloseAsync(run with { Provider = "fake", Model = "dear", Cost = Cost.OfMicros(18) });
        await journal.CloseAsync(run with { Id = "2" });
        await journal.CloseAsync(run with { Id = "3", StartedAt = now.AddDays(-8), Provider = "fake", Model = "dear", Cost = Cost.OfMicros(18) });
        await journal.CloseAsync(run with { Id = "4", Provider = "fake", Model = "teuer", Cost = Cost.OfMicros(18) with { Currency = "EUR" } });

        var totals = await journal.TotalsAsync(null, now.AddDays(-7), default);

        Assert.Equal((3, 30L, 12L, 1), (totals.Runs, totals.InputTokens, totals.OutputTokens, totals.Unpriced));
        Assert.Equal(["EUR 0.000018", "$0.000018"], totals.Costs.Select(cost => cost.ToString()));
        Assert.Equal("EUR", (await journal.FindAsync("4", default))!.Cost!.Currency);
        Assert.Equal((0, 0), ((await journal.TotalsAsync(["other"], now.AddDays(-7), default)) is var none ? (none.Runs, none.Costs.Count) : default));
    }

    [Fact]
    public async Task Start_BudgetIsUsedUp_IsRefusedWithWhomToAsk()
    {
        var store = await NewAsync(FakeProvider.Saying("Hi"));
        var budget = BudgetsOf.Namespace("default") with { Contact = "Ada" };
        _budgets.Replace([new BudgetStatus(budget, budget.WindowAt(TimeProvider.System.GetUtcNow()), BudgetSpend.None with { Nanos = budget.AmountNanos })]);

        var refused = Assert.Throws<RunRefusedException>(() => { store.Start(TestUsers.Administrator(), Request("priced")); });

        Assert.Equal(GenkitStatus.ResourceExhausted, refused.Status);
        Assert.Contains("Ada", refused.Message, StringComparison.Ordinal);
        var samples = new SampleRuns(store, _test.Database, fixture.Informers);
        var stopped = await Assert.ThrowsAsync<RunRefusedException>(() => samples.CompareAsync(TestUsers.Administrator(), "default", "p", "before", "after", [[]], default));
        Assert.Equal(refused.Message, stopped.Message);
    }

    private async Task<RunStore> NewAsync(FakeProvider provider)
    {
        var catalog = new ProviderCatalog([provider]);
        await fixture.UntilSeenAsync(await fixture.NewNamespaceAsync());
        return new RunStore(
            new FlowEngine(catalog, TimeProvider.System), new ModelResolver(fixture.Informers, catalog),
            new PromptSurroundings(fixture.Informers), _prices,
            new RunJournal(_test.Database, _prices, new UsageLog(_test.Database, _prices, TimeProvider.System)), _budgets, TimeProvider.System, NullLogger<RunStore>.Instance);
    }

    private static RunRequest Request(string model) => new()
    {
        Namespace = "default",
        Prompt = "p",
        Content = $"---\nmodel: fake/{model}\n---\nWrite about {{{{topic}}}}",
        Input = new JsonObject { ["topic"] = "x" },
    };

    private static async Task UntilAsync(Run run, Func<RunSnapshot, bool> condition)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (condition(run.Snapshot()))
            {
                seen.TrySetResult();
            }
        }

        run.Changed += Look;
        Look();
        await seen.Task.WaitAsync(RunningPortal.Patience);
    }

    private static async IAsyncEnumerable<ModelChunk> Endless(TaskCompletionSource cancelled,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return FakeProvider.Text("first ");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            cancelled.TrySetResult();
        }
    }
}
