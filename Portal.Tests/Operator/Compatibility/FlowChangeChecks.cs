using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Checks 12 to 16 and 25: what happens to a Flow that serves when something changes, or somebody meddles.</summary>
public class FlowChangeChecks(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string World = """
        kind: Secret
        metadata: {name: s}
        data: {KEY: Zm9v}
        ---
        kind: PluginConfig
        metadata: {name: pc}
        spec: {type: demo, credentialsRef: {name: s}, credentialKeys: [KEY]}
        ---
        kind: Model
        metadata: {name: m}
        spec: {provider: demo, model: echo, pluginConfigRef: {name: pc}}
        ---
        kind: Prompt
        metadata: {name: p}
        spec: {content: One.}
        ---
        kind: Tool
        metadata: {name: t}
        spec: {definition: {name: t}, implementation: {http: {url: "https://t.test"}}}
        """;

    private const string ByReference = "{image: x, modelRef: {name: m}, prompts: [{promptRef: {name: p}}], tools: [{name: t}]}";
    private const string Inline = "{image: x, modelSpec: {provider: demo, model: echo, pluginConfigRef: {name: pc}}, prompts: [{prompt: {name: q, content: Q.}}]}";

    [Theory]
    [InlineData("Prompt", "p", """{"spec":{"content":"Two."}}""")]
    [InlineData("Tool", "t", """{"spec":{"definition":{"description":"new"}}}""")]
    [InlineData("Model", "m", """{"spec":{"defaultConfig":{"temperature":1}}}""")]
    [InlineData("PluginConfig", "pc", """{"spec":{"region":"moon"}}""")]
    [InlineData("PluginConfig", "pc", """{"spec":{"credentialKeys":["KEY","OTHER"]}}""")]
    [InlineData("Secret", "s", """{"data":{"KEY":"YmFy"}}""")]
    public async Task Check12_ReferencedObjectChanges_RollsTheDeployment(string kind, string name, string change)
    {
        var space = await ServingAsync(ByReference);
        var before = HashOf(await space.GetAsync("Deployment", "f"));

        await space.PatchAsync(kind, name, change);

        var deployment = await space.UntilAsync("Deployment", "f", item => HashOf(item) != before);
        Assert.Equal(2, deployment.Generation);
        await space.UntilAsync("Flow", "f", flow => (string?)flow.Json["status"]!["contentHash"] == HashOf(deployment));
    }

    [Theory]
    [InlineData(ByReference, "Prompt", "unrelated", """{"spec":{"content":"Two."}}""")]
    [InlineData(Inline, "Model", "m", """{"spec":{"defaultConfig":{"temperature":1}}}""")]
    public async Task Check12_UnrelatedObjectChanges_RollsNothing(string spec, string kind, string name, string change)
    {
        var space = await ServingAsync(spec, "\n---\nkind: Prompt\nmetadata: {name: unrelated}\nspec: {content: One.}");
        var before = await space.GetAsync("Deployment", "f");
        await space.PatchAsync(kind, name, change);
        await space.UntilAsync(kind, name, item => (long?)item.Json["status"]?["observedGeneration"] == 2);

        // A change of the Flow itself comes last: what was queued before it has been done.
        await space.PatchAsync("Flow", "f", """{"spec":{"replicas":2}}""");

        var after = await space.UntilAsync("Deployment", "f", item => (int?)item.Json["spec"]!["replicas"] == 2);
        Assert.Equal((HashOf(before), 2L), (HashOf(after), after.Generation));
    }

    [Theory]
    [InlineData("{image: x, modelRef: {name: m}, modelSpec: {provider: a, model: b, pluginConfigRef: {name: pc}}}", "modelRef and modelSpec are mutually exclusive")]
    [InlineData("{replicas: 1}", "spec.image is required")]
    [InlineData("{image: x, prompts: [{}]}", "prompt source has neither promptRef nor prompt set")]
    public async Task Check13_InvalidFlow_SaysWhy(string spec, string message)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync($"kind: Flow\nmetadata: {{name: f}}\nspec: {spec}");

        var flow = await space.UntilReadyIsAsync("Flow", "f", "False", message);

        Assert.Equal(("Failed", "InvalidSpec"), ((string?)flow.Json["status"]!["phase"], flow.FindCondition("Ready")!.Reason));
        Assert.Empty(await space.ListAsync("Deployment"));
    }

    [Fact]
    public async Task Check14_FlowWithoutModel_HasNeitherModelNorCredentials()
    {
        var space = await ServingAsync("{image: x}");

        var config = JsonNode.Parse((string)(await space.DataAsync("f-config"))["config.json"]!)!.AsObject();

        Assert.Equal(["flowName"], config.Select(member => member.Key));
        Assert.Null(Container(await space.GetAsync("Deployment", "f"))["envFrom"]);
    }

    [Fact]
    public async Task Check15_ChildrenChangedByHand_AreRestored()
    {
        var space = await ServingAsync(ByReference);
        var service = await space.GetAsync("Service", "f");

        await space.PatchAsync("Deployment", "f", """{"spec":{"replicas":5}}""");
        await space.DeleteAsync("Service", "f");
        await space.PatchAsync("ConfigMap", "f-prompts", """{"data":{"p.prompt":"hacked","extra.prompt":"served unseen"}}""");

        await space.UntilAsync("Deployment", "f", item => (int?)item.Json["spec"]!["replicas"] == 1);
        await space.UntilAsync("Service", "f", item => item.Uid != service.Uid);
        await space.UntilAsync("ConfigMap", "f-prompts", item => item.Json["data"]!.ToJsonString() == """{"p.prompt":"One."}""");
    }

    [Fact]
    public async Task Check15_ModelLeavesAndPortChanges_ChildrenFollow()
    {
        var space = await ServingAsync(ByReference);
        Assert.NotNull(Container(await space.GetAsync("Deployment", "f"))["envFrom"]);

        await space.PatchAsync("Flow", "f", """{"spec":{"modelRef":null,"port":9000}}""");

        var deployment = await space.UntilAsync("Deployment", "f", item => Container(item)["envFrom"] is null);
        Assert.Equal(9000, (int?)Container(deployment)["ports"]![0]!["containerPort"]);
        await space.UntilAsync("Service", "f", item => (int?)item.Json["spec"]!["ports"]![0]!["port"] == 9000);
    }

    [Fact]
    public async Task Check16_FlowDeleted_TakesItsChildrenAlongWithoutAFinalizer()
    {
        var space = await ServingAsync(ByReference);
        Assert.Null((await space.GetAsync("Flow", "f")).Metadata["finalizers"]);

        await space.DeleteAsync("Flow", "f");

        foreach (var (kind, name) in new[] { ("ConfigMap", "f-prompts"), ("ConfigMap", "f-tools"), ("ConfigMap", "f-config"), ("Service", "f"), ("Deployment", "f") })
        {
            await space.UntilGoneAsync(kind, name);
        }
    }

    [Fact]
    public async Task Check16_SecretDeletedWhileServing_KeepsTheDeployment()
    {
        var space = await ServingAsync(ByReference);
        var before = await space.GetAsync("Deployment", "f");

        await space.DeleteAsync("Secret", "s");

        var flow = await space.UntilReadyIsAsync("Flow", "f", "False", "secret \"s\" not found (referenced by pluginconfig \"pc\")");
        Assert.Equal(("Pending", 1), ((string?)flow.Json["status"]!["phase"], (int?)flow.Json["status"]!["availableReplicas"]));
        Assert.Equal(("True", HashOf(before)), (flow.FindCondition("Serving")!.Status, (string?)flow.Json["status"]!["contentHash"]));
        Assert.Equal(before.Generation, (await space.GetAsync("Deployment", "f")).Generation);
    }

    [Fact]
    public async Task Check25_ChildrenOfAFlow_AreAppliedByTheOperatorAndKeepWhatOthersAdd()
    {
        var space = await ServingAsync(ByReference);
        await space.ApplyAsync("""
            kind: Deployment
            metadata: {name: f, labels: {team: guests}}
            spec: {template: {spec: {containers: [{name: flow, env: [{name: ADDED, value: by hand}]}]}}}
            """);
        await space.PatchAsync("Service", "f", """{"metadata":{"labels":{"team":"guests"}}}""");

        await space.PatchAsync("Flow", "f", """{"spec":{"port":9000}}""");

        await space.UntilAsync("Service", "f", item => (int?)item.Json["spec"]!["ports"]![0]!["port"] == 9000 && item.Labels.GetValueOrDefault("team") == "guests");
        var deployment = await space.UntilAsync("Deployment", "f", item => (int?)Container(item)["ports"]![0]!["containerPort"] == 9000);
        Assert.Equal("guests", deployment.Labels["team"]);
        Assert.Contains(Container(deployment)["env"]!.AsArray(), variable => (string?)variable!["name"] == "ADDED");
        Assert.Contains(deployment.Metadata["managedFields"]!.AsArray(), entry => (string?)entry!["manager"] == "genkit-operator" && (string?)entry["operation"] == "Apply");
    }

    private async Task<TestNamespace> ServingAsync(string spec, string more = "")
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World + more);
        await space.ApplyAsync($"kind: Flow\nmetadata: {{name: f}}\nspec: {spec}");
        await space.UntilReadyIsAsync("Flow", "f", "False", "deployment phase=Pending, 0/1 replicas available");
        await space.SetReplicasAsync("f", replicas: 1, available: 1);
        await space.UntilReadyIsAsync("Flow", "f", "True", "1/1 replicas available");
        return space;
    }

    private static JsonNode Container(KubeObject deployment) => deployment.Json["spec"]!["template"]!["spec"]!["containers"]![0]!;

    private static string? HashOf(KubeObject deployment) =>
        (string?)deployment.Json["spec"]!["template"]!["metadata"]!["annotations"]![GenkitApi.ContentHashAnnotation];
}
