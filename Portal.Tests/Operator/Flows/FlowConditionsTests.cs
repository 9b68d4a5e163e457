using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Tests.Operator.Flows;

/// <summary>What Ready, Progressing, Degraded and Serving say together. The test plays the Deployment controller.</summary>
public class FlowConditionsTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string World = """
        kind: Secret
        metadata: {name: s}
        data: {OPENAI_API_KEY: YQ==}
        ---
        kind: PluginConfig
        metadata: {name: pc}
        spec: {type: openai, credentialsRef: {name: s} }
        ---
        kind: Model
        metadata: {name: m}
        spec: {provider: openai, model: some, pluginConfigRef: {name: pc} }
        ---
        kind: Prompt
        metadata: {name: p}
        spec: {content: "Hi {{name}}."}
        ---
        kind: Flow
        metadata: {name: web}
        spec: {image: x, modelRef: {name: m}, prompts: [{promptRef: {name: p} }] }
        """;

    [Fact]
    public async Task Flow_FromTheFirstPodToAStuckRollout_TellsTheTruthAtEachStep()
    {
        var space = await RunningAsync();
        Assert.Equal(
            ["Ready True Ready", "Progressing True NewReplicaSetAvailable", "Degraded False AsExpected", "Serving True ReplicasAvailable"],
            Summary(await space.GetAsync("Flow", "web")));

        await space.PatchAsync("Flow", "web", """{"spec":{"image":"broken"}}""");
        await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Updating, 1/1 replicas available");
        await space.PatchAsync("Deployment", "web", """
            {"status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "availableReplicas": 1, "conditions": [
              {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}]}}
            """, "status");

        var stuck = await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Failed, 1/2 replicas available: timed out");
        Assert.Equal(
            ["Ready False ProgressDeadlineExceeded", "Progressing False ProgressDeadlineExceeded", "Degraded True ProgressDeadlineExceeded", "Serving True ReplicasAvailable"],
            Summary(stuck));
        Assert.All(stuck.Conditions, condition => Assert.Equal(2, condition.ObservedGeneration));
    }

    [Theory]
    [InlineData("Prompt", "p", "prompt \"p\" not found", "flow \"web\" → prompt \"p\": not found")]
    [InlineData("Model", "m", "model \"m\" not found", "flow \"web\" → model \"m\": not found")]
    [InlineData("PluginConfig", "pc", "pluginconfig \"pc\" not found (referenced by model \"m\")", "flow \"web\" → model \"m\" → pluginconfig \"pc\": not found")]
    [InlineData("Secret", "s", "secret \"s\" not found (referenced by pluginconfig \"pc\")", "flow \"web\" → model \"m\" → pluginconfig \"pc\" → secret \"s\": not found")]
    public async Task Flow_ALinkIsDeleted_NamesItAndGoesOnServing(string kind, string name, string message, string chain)
    {
        var space = await RunningAsync();

        await space.DeleteAsync(kind, name);

        var flow = await space.UntilReadyIsAsync("Flow", "web", "False", message);
        Assert.Equal(
            ["Ready False MissingDependency", "Progressing False MissingDependency", "Degraded True MissingDependency", "Serving True ReplicasAvailable"],
            Summary(flow));
        Assert.Equal(chain, flow.FindCondition("Degraded")!.Message);

        await space.ApplyAsync(World);
        await space.UntilAsync("Flow", "web", item => Summary(item) is [_, _, "Degraded False AsExpected", _] summary && summary[0] == "Ready True Ready");
    }

    [Fact]
    public async Task Flow_TheKeyLeavesTheSecret_IsDegradedByTheChain()
    {
        var space = await RunningAsync();

        await space.PatchAsync("Secret", "s", """{"data":{"OPENAI_API_KEY":null,"OTHER":"YQ=="}}""");

        var flow = await space.UntilAsync("Flow", "web", item => item.FindCondition("Degraded")?.IsTrue == true);
        Assert.Equal("MissingKeys", flow.FindCondition("Degraded")!.Reason);
        Assert.StartsWith(
            "flow \"web\" → model \"m\" → pluginconfig \"pc\" → secret \"s\" has no key \"OPENAI_API_KEY\"", flow.FindCondition("Degraded")!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flow_FromCreationToReadyAndAChange_WritesItsStatusSeldomAndAlwaysOfTheGenerationItJudged()
    {
        var space = await fixture.NewNamespaceAsync();
        var seen = new List<KubeObject>();
        var start = (await space.Client.Resource(Flow.Definition).ListAsync(space.Name, null, CancellationToken.None)).ResourceVersion;
        var watching = Task.Run(async () =>
        {
            await foreach (var change in space.Client.Resource(Flow.Definition).WatchAsync(space.Name, new WatchOptions { ResourceVersion = start }, CancellationToken.None))
            {
                seen.Add(change.Object);
                if (change.Object.Labels.ContainsKey("end"))
                {
                    break;
                }
            }
        });
        await space.ApplyAsync(World);
        await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");
        await space.SetReplicasAsync("web", 1, 1);
        await space.UntilReadyIsAsync("Flow", "web", "True", "1/1 replicas available");
        await space.PatchAsync("Flow", "web", """{"spec":{"image":"y"}}""");
        await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Updating, 1/1 replicas available");
        await space.SetReplicasAsync("web", 1, 1);
        await space.UntilReadyIsAsync("Flow", "web", "True", "1/1 replicas available");
        await space.PatchAsync("Flow", "web", """{"metadata":{"labels":{"end":"1"}}}""");
        await watching.WaitAsync(TimeSpan.FromSeconds(20));

        // Pending, Ready, Updating, Ready.
        var statuses = seen.Where(item => item.Json["status"] is not null).Select(item => item.Json["status"]!.ToJsonString()).Distinct().ToList();
        Assert.Equal(4, statuses.Count);
        Assert.Equal(4 + 3, seen.Count);
        Assert.All(seen.Where(item => item.Json["status"] is not null), item =>
        {
            var judged = (long)item.Json["status"]!["observedGeneration"]!;
            Assert.InRange(judged, 1, item.Generation);
            Assert.All(item.Conditions, condition => Assert.Equal(judged, condition.ObservedGeneration));
        });
    }

    [Fact]
    public async Task Flow_IsDegradedWhileReady_IsToldByAnEvent()
    {
        var space = await RunningAsync();

        var start = (await space.Client.Resource(BuiltIn.Event).ListAsync(space.Name, null, CancellationToken.None)).ResourceVersion;

        await space.PatchAsync("Flow", "web", """{"spec":{"httpRoute":{"parentRefs":[{"name":"gate"}]}}}""");

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var change in space.Client.Resource(BuiltIn.Event).WatchAsync(space.Name, new WatchOptions { ResourceVersion = start }, patience.Token))
        {
            if (change.Object.Json["reason"]?.ToString() == "GatewayApiMissing")
            {
                break;
            }
        }

        Assert.True((await space.GetAsync("Flow", "web")).FindCondition("Ready")!.IsTrue);
    }

    [Fact]
    public async Task Flow_Paused_HoldsChangesUntilItIsNot()
    {
        var space = await RunningAsync();
        await space.PatchAsync("Flow", "web", """{"spec":{"paused":true}}""");
        var still = await space.UntilAsync("Flow", "web", item => item.FindCondition("Progressing")?.Reason == "Paused");
        Assert.Equal(["Ready True Ready", "Progressing Unknown Paused", "Degraded False AsExpected", "Serving True ReplicasAvailable"], Summary(still));
        var before = await space.GetAsync("Deployment", "web");

        await space.PatchAsync("Prompt", "p", """{"spec":{"content":"Changed."}}""");
        var held = await space.UntilReadyIsAsync("Flow", "web", "False", "spec.paused is true: changes wait until it is false");
        Assert.Equal(["Ready False Paused", "Progressing Unknown Paused", "Degraded False AsExpected", "Serving True ReplicasAvailable"], Summary(held));
        await space.PatchAsync("Flow", "web", """{"spec":{"image":"y"}}""");
        await space.UntilAsync("Flow", "web", item => (long?)item.Json["status"]!["observedGeneration"] == item.Generation);
        Assert.Equal(before.ResourceVersion, (await space.GetAsync("Deployment", "web")).ResourceVersion);
        Assert.Equal("Hi {{name}}.", (string?)(await space.DataAsync("web-prompts"))["p.prompt"]);

        await space.PatchAsync("Flow", "web", """{"spec":{"paused":false}}""");

        await space.UntilAsync("Deployment", "web", item => item.Generation == 2 && item.Json["spec"]!["template"]!.ToJsonString().Contains("\"y\"", StringComparison.Ordinal));
        Assert.Equal("Changed.", (string?)(await space.DataAsync("web-prompts"))["p.prompt"]);
    }

    [Fact]
    public async Task Flow_PausedFromTheStart_MakesNothing()
    {
        var space = await fixture.NewNamespaceAsync();

        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x, paused: true}");

        await space.UntilReadyIsAsync("Flow", "web", "False", "spec.paused is true: changes wait until it is false");
        Assert.Null(await space.FindAsync("Deployment", "web"));
        Assert.Null(await space.FindAsync("ConfigMap", "web-config"));
    }

    [Fact]
    public async Task Flow_PodsDieAfterTheRollout_IsDegraded()
    {
        var space = await RunningAsync();

        await space.PatchAsync("Deployment", "web", """
            {"status": {"availableReplicas": null, "readyReplicas": null, "unavailableReplicas": 1, "conditions": [
              {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "message": "done"},
              {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable", "message": "m"}]}}
            """, "status");

        var flow = await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");
        Assert.Equal(
            ["Ready False Reconciling", "Progressing True ReplicaSetUpdated", "Degraded True MinimumReplicasUnavailable", "Serving False NoReplicasAvailable"], Summary(flow));
    }

    private async Task<TestNamespace> RunningAsync()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");
        await space.SetReplicasAsync("web", 1, 1);
        await space.UntilReadyIsAsync("Flow", "web", "True", "1/1 replicas available");
        return space;
    }

    private static string[] Summary(KubeObject item) =>
        [.. new[] { "Ready", "Progressing", "Degraded", "Serving" }.Select(item.FindCondition).Select(condition => $"{condition?.Type} {condition?.Status} {condition?.Reason}")];
}
