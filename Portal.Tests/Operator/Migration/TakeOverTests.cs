using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Runtime;
using Portal.Operator;

namespace Portal.Tests.Operator.Migration;

/// <summary>The Go operator has worked and stopped; then ours starts.</summary>
public class TakeOverTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private const string World = """
        kind: Secret
        metadata: {name: s}
        data: {KEY: Zm9v}
        ---
        kind: PluginConfig
        metadata: {name: pc}
        spec: {type: demo, credentialsRef: {name: s}}
        ---
        kind: Dataset
        metadata: {name: d}
        spec: {format: json, source: {inline: [{input: a}]}}
        """;

    private const string Parts = "modelSpec: {provider: demo, model: echo, pluginConfigRef: {name: pc}}, prompts: [{prompt: {name: greet, content: Hi.}}]";

    [Fact]
    public async Task Start_AfterTheGoOperator_KeepsEveryChildAndRollsOnce()
    {
        var space = await fixture.NewNamespaceAsync();
        var children = new GoChildren(space);
        await space.ApplyAsync(World);
        await space.ApplyAsync($"kind: Flow\nmetadata: {{name: f}}\nspec: {{image: 'registry.test/runner:1', {Parts}}}");
        await space.ApplyAsync($"kind: FlowSet\nmetadata: {{name: fs}}\nspec: {{image: 'registry.test/runner:1', flows: [{{name: a, {Parts}}}]}}");
        await space.ApplyAsync(Eval("once", "") + "\n---\n" + Eval("nightly", ", schedule: '0 2 * * *'"));
        await children.MakeFlowAsync("f", "s");
        await children.MakeFlowSetAsync("fs", "s");
        await children.MakeEvalAsync("once", "nightly");
        var before = await UidsAsync(space);

        await using var host = Host();
        await host.StartAsync(CancellationToken.None);
        foreach (var name in new[] { "f", "fs" })
        {
            var kind = name == "f" ? "Flow" : "FlowSet";
            var served = await space.UntilAsync(kind, name, item => item.FindCondition("Ready") is { Reason: "Reconciling" });
            Assert.Equal(("True", 1), (served.FindCondition("Serving")!.Status, (int?)served.Json["status"]!["availableReplicas"]));
            await space.SetReplicasAsync(name, 1, 1);
            await space.UntilReadyIsAsync(kind, name, "True", "1/1 replicas available");
            Assert.Equal(2, (await space.GetAsync("Deployment", name)).Generation);
        }

        foreach (var name in new[] { "once", "nightly" })
        {
            await space.UntilReadyIsAsync("Eval", name, "True", "eval workload reconciled");
        }

        Assert.Equal("2026-01-02T03:04:05Z", (string?)(await space.UntilAsync("Eval", "once", eval => eval.Json["status"]!["lastRunTime"] is not null)).Json["status"]!["lastRunTime"]);
        Assert.Superset(before, await UidsAsync(space));
    }

    [Fact]
    public async Task Reconcile_ServiceOfNobody_IsTakenOverWhenAskedTo()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: Service\nmetadata: {name: web, labels: {team: guests}}\nspec: {selector: {app: mine}, ports: [{name: http, port: 80}]}");
        await space.ApplyAsync("kind: ConfigMap\nmetadata: {name: web-prompts}\ndata: {old.prompt: Old.}");
        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x}");
        var before = await space.GetAsync("Service", "web");
        await using var host = Host();
        await host.StartAsync(CancellationToken.None);
        await space.UntilAsync("Flow", "web", item => item.FindCondition("Ready") is { Reason: "NameConflict" });

        await space.PatchAsync("Flow", "web", """{"metadata":{"labels":{"genkit.dev/take-over":"true"}}}""");

        var flow = await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");
        var service = await space.GetAsync("Service", "web");
        Assert.Equal((before.Uid, flow.Uid), (service.Uid, service.ControllerOwner!.Uid));
        Assert.Equal("web", (string?)service.Json["spec"]!["selector"]!["genkit.dev/flow"]);
        Assert.Null(service.Json["spec"]!["selector"]!["app"]);
        Assert.Equal(8080, (int?)Assert.Single(service.Json["spec"]!["ports"]!.AsArray())!["port"]);
        Assert.Equal("guests", service.Labels["team"]);
        Assert.Null((await space.GetAsync("ConfigMap", "web-prompts")).Json["data"]?["old.prompt"]);
    }

    [Fact]
    public async Task Reconcile_ServiceOfAnotherFlow_IsNeverTakenOver()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync("kind: Flow\nmetadata: {name: same}\nspec: {image: x}");
        await using var host = Host();
        await host.StartAsync(CancellationToken.None);
        await space.UntilAsync("Service", "same", _ => true);

        await space.ApplyAsync($"kind: FlowSet\nmetadata: {{name: same, labels: {{genkit.dev/take-over: \"true\"}}}}\nspec: {{image: x, flows: [{{name: a, {Parts}}}]}}");

        await space.UntilAsync("FlowSet", "same", item => item.FindCondition("Ready") is { Reason: "NameConflict" });
        Assert.Equal("Flow", (await space.GetAsync("Service", "same")).ControllerOwner!.Kind);
    }

    private OperatorHost Host() => new(
        fixture.Client, new InformerFactory(fixture.Client, @namespace: null, TimeProvider.System, NullLoggerFactory.Instance), fixture.Events,
        new OperatorOptions { InstallDefinitions = false }, TimeProvider.System, NullLoggerFactory.Instance);

    private static async Task<ISet<string>> UidsAsync(TestNamespace space)
    {
        var uids = new HashSet<string>();
        foreach (var kind in new[] { "ConfigMap", "Service", "Deployment", "Job", "CronJob" })
        {
            uids.UnionWith((await space.ListAsync(kind)).Select(item => $"{kind} {item.Name} {item.Uid}"));
        }

        return uids;
    }

    private static string Eval(string name, string more) => $$"""
        kind: Eval
        metadata: {name: {{name}} }
        spec: {flowRef: {name: f}, datasetRef: {name: d}, metrics: [contains], runnerImage: 'registry.test/eval:1', outputSink: {configMap: {name: out, key: {{name}} } }{{more}} }
        """;
}
