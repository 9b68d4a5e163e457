using Portal.Operator;
using Portal.Operator.Evals;

namespace Portal.Tests.Operator.Evals;

/// <summary>Evals whose money is spent.</summary>
public class EvalBudgetTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private const string World = """
        kind: Flow
        metadata: {name: ef}
        spec: {image: x}
        ---
        kind: Dataset
        metadata: {name: d}
        spec: {format: json, source: {inline: [{input: {name: Ada}}]}}
        """;

    private const string Said = "The budget “Ours” is used up until 2031-01-01T00:00:00Z. Whom to ask: Ada";

    [Fact]
    public async Task Reconcile_BudgetIsUsedUpAndRaised_SaysWhichAndRunsThen()
    {
        var space = await fixture.NewNamespaceAsync();
        var budgets = new FakeBudgets { Stop = new EvalStop(Said, TimeProvider.System.GetUtcNow().AddDays(3)) };
        await using var operators = new HostedOperator(fixture, space.Name, new OperatorOptions(), budgets: budgets);
        await operators.StartAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync(Eval("once"));
        await space.ApplyAsync(Eval("often", ", schedule: '0 2 * * *'"));

        foreach (var name in (string[])["once", "often"])
        {
            var stopped = await space.UntilReadyIsAsync("Eval", name, "False", $"{Said} The evaluation waits until then, or until it is raised.");
            Assert.Equal("BudgetExhausted", stopped.FindCondition("Ready")!.Reason);
        }

        Assert.Equal((0, 0), ((await space.ListAsync("Job")).Count, (await space.ListAsync("CronJob")).Count));
        Assert.Contains((space.Name, "ef"), budgets.Asked);

        budgets.Raise();

        await space.UntilReadyIsAsync("Eval", "once", "True", "eval workload reconciled");
        await space.UntilReadyIsAsync("Eval", "often", "True", "eval workload reconciled");
        await space.UntilAsync("Job", "once-run", _ => true);

        budgets.Exhaust(new EvalStop(Said, TimeProvider.System.GetUtcNow().AddDays(3)));

        await space.UntilAsync("CronJob", "often", item => item.Json["spec"]?["suspend"]?.GetValue<bool>() == true);
        await space.UntilReadyIsAsync("Eval", "once", "False", $"{Said} The evaluation waits until then, or until it is raised."); // its run is under way
        await space.PatchAsync("Job", "once-run", """
            {"status": {"startTime": "2026-01-02T03:00:00Z", "completionTime": "2026-01-02T03:04:05Z", "succeeded": 1,
              "conditions": [{"type": "Complete", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": "2026-01-02T03:04:05Z"}]}}
            """, "status");
        await space.UntilReadyIsAsync("Eval", "once", "True", "eval workload reconciled"); // what is measured costs nothing more
    }

    [Fact]
    public async Task Reconcile_FlowOfAFlowSet_AsksForTheNameItsCallsAreCountedUnder()
    {
        var space = await fixture.NewNamespaceAsync();
        var budgets = new FakeBudgets { Stop = new EvalStop(Said, TimeProvider.System.GetUtcNow().AddDays(400)) };
        await using var operators = new HostedOperator(fixture, space.Name, new OperatorOptions(), budgets: budgets);
        await operators.StartAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync("""
            kind: FlowSet
            metadata: {name: suite}
            spec: {image: x, flows: [{name: good, prompts: [{prompt: {name: ask, content: hi}}]}]}
            """);
        await space.ApplyAsync(Eval("once").Replace("{name: ef}", "{kind: FlowSet, name: suite, flow: good}", StringComparison.Ordinal));

        await space.UntilReadyIsAsync("Eval", "once", "False", $"{Said} The evaluation waits until then, or until it is raised.");

        Assert.All(budgets.Asked, asked => Assert.Equal((space.Name, "suite/good"), asked));
    }

    [Fact]
    public async Task Start_BudgetsAreNotYetCounted_WaitsForThem()
    {
        var space = await fixture.NewNamespaceAsync();
        var counted = new TaskCompletionSource();
        var budgets = new FakeBudgets { Counted = counted.Task };
        await using var operators = new HostedOperator(fixture, space.Name, new OperatorOptions(), budgets: budgets);
        await space.ApplyAsync(World);
        await space.ApplyAsync(Eval("once"));
        await operators.StartAsync();
        await space.UntilAsync("Dataset", "d", item => item.FindCondition("Ready") is not null); // the other controllers work
        await space.UntilAsync("Flow", "ef", item => item.FindCondition("Ready") is not null);
        Assert.Empty(budgets.Asked);

        budgets.Exhaust(new EvalStop(Said, TimeProvider.System.GetUtcNow().AddDays(3)));
        counted.SetResult();

        await space.UntilReadyIsAsync("Eval", "once", "False", $"{Said} The evaluation waits until then, or until it is raised.");
        Assert.Empty(await space.ListAsync("Job"));
    }

    [Fact]
    public async Task Start_BudgetsAreNeverCounted_GoesOnAfterAWhile()
    {
        var time = new Shared.ManualTimeProvider();
        var waiting = EvalWatches.WaitForBudgetsAsync(new FakeBudgets { Counted = new TaskCompletionSource().Task }, time, CancellationToken.None);

        Assert.False(waiting.IsCompleted);
        time.Advance(EvalWatches.BudgetPatience);

        await waiting.WaitAsync(Shared.ManualTimeProvider.Patience);
    }

    private static string Eval(string name, string more = "") => $$"""
        kind: Eval
        metadata: {name: {{name}}}
        spec: {flowRef: {name: ef}, datasetRef: {name: d}, metrics: [latency], runnerImage: 'eval:1', outputSink: {configMap: {name: {{name}}-results, key: result.json} }{{more}} }
        """;

    private sealed class FakeBudgets : IEvalBudgets
    {
        public event Action? Changed;

        public Task Counted { get; init; } = Task.CompletedTask;

        public EvalStop? Stop { get; set; }

        public System.Collections.Concurrent.ConcurrentBag<(string, string)> Asked { get; } = [];

        public EvalStop? Find(string @namespace, string flow)
        {
            Asked.Add((@namespace, flow));
            return Stop;
        }

        public void Raise() => Exhaust(null);

        public void Exhaust(EvalStop? stop)
        {
            Stop = stop;
            Changed?.Invoke();
        }
    }
}
