using Portal.Kubernetes.Client;

namespace Portal.Tests.Operator.FlowSets;

/// <summary>FlowSets against an API server. Nothing plays kubelet but the test.</summary>
public class FlowSetReconcilerTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string World = """
        kind: Secret
        metadata: {name: s1}
        data: {K1: YQ==}
        ---
        kind: Secret
        metadata: {name: s2}
        data: {K2: Yg==}
        ---
        kind: PluginConfig
        metadata: {name: p1}
        spec: {type: anthropic, credentialsRef: {name: s1}, credentialKeys: [K1]}
        ---
        kind: PluginConfig
        metadata: {name: p2}
        spec: {type: openai, credentialsRef: {name: s2}, credentialKeys: [K2]}
        ---
        kind: Model
        metadata: {name: m}
        spec: {provider: anthropic, model: claude, pluginConfigRef: {name: p1}}
        """;

    private const string A = "{name: a, modelRef: {name: m}, prompts: [{prompt: {name: first, content: one}}, {prompt: {name: second, content: two}}]}";
    private const string B = "{name: b, modelSpec: {provider: openai, model: gpt, pluginConfigRef: {name: p2}}, prompts: [{prompt: {name: ask, content: three}}]}";

    [Fact]
    public async Task Reconcile_OneBrokenFlow_LeavesItOutAndHealsWhenItIsRepaired()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync(Set(A, B, "{name: c, modelRef: {name: m}, prompts: [{promptRef: {name: later}}]}"));
        await space.UntilReadyIsAsync("FlowSet", "fs", "False", "flow \"c\": prompt \"later\" not found");
        await space.SetReplicasAsync("fs", 1, 1);

        var partly = await space.UntilAsync("FlowSet", "fs", set => (int?)set.Json["status"]?["readyFlows"] == 2);
        var entries = partly.Json["status"]!["flows"]!.AsArray();
        Assert.Equal("True False MissingDependency", $"{partly.FindCondition("Serving")!.Status} {partly.FindCondition("Ready")!.Status} {partly.FindCondition("Ready")!.Reason}");
        Assert.Equal([true, true, false], entries.Select(flow => (bool)flow!["ready"]!));
        Assert.Equal(("Pending", "flow \"c\": prompt \"later\" not found"), ((string?)entries[2]!["phase"], (string?)entries[2]!["message"]));
        Assert.DoesNotContain("\"c\"", (string?)(await space.DataAsync("fs-manifest"))["manifest.json"], StringComparison.Ordinal);

        await space.ApplyAsync("""
            kind: Prompt
            metadata: {name: later}
            spec: {content: here}
            """);
        await space.UntilAsync("Deployment", "fs", deployment => deployment.Generation == 2);
        await space.SetReplicasAsync("fs", 1, 1);
        await space.UntilReadyIsAsync("FlowSet", "fs", "True", "1/1 replicas available");
        Assert.Contains("\"c\"", (string?)(await space.DataAsync("fs-manifest"))["manifest.json"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_NoFlowCanBeServed_SaysWhyAndMakesNothing()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Set("{name: a, prompts: [{prompt: {name: p, content: x}}]}"));

        var set = await space.UntilReadyIsAsync("FlowSet", "fs", "False", "flow \"a\": exactly one of modelRef or modelSpec is required");

        Assert.Null(await space.FindAsync("Deployment", "fs"));
        Assert.Equal(("InvalidSpec", 0, 1), (set.FindCondition("Ready")!.Reason, (int?)set.Json["status"]!["readyFlows"], (int?)set.Json["status"]!["totalFlows"]));
    }

    [Theory]
    [InlineData("[{name: a, modelRef: {name: m}, prompts: []}]", "a flow needs at least one prompt")]
    [InlineData("[{name: A, modelRef: {name: m}, prompts: [{promptRef: {name: x}}]}]", "spec.flows[0].name")]
    [InlineData("[]", "spec.flows")]
    [InlineData("[{name: a, promptRefs: [{name: x}]}, {name: a, promptRefs: [{name: x}]}]", "spec.flows: duplicate entries")]
    public async Task Apply_BadFlows_AreRefusedWithTheField(string flows, string message)
    {
        var space = await fixture.NewNamespaceAsync();

        var refusal = await Assert.ThrowsAsync<KubernetesException>(() => space.ApplyAsync($$"""
            kind: FlowSet
            metadata: {name: fs}
            spec: {image: x, flows: {{flows}} }
            """));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_AliasesOfOlderManifests_MeanTheSame()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World + """

            ---
            kind: Prompt
            metadata: {name: x}
            spec: {content: hello}
            ---
            kind: Prompt
            metadata: {name: y}
            spec: {content: there}
            ---
            kind: Tool
            metadata: {name: t}
            spec: {definition: {name: t, description: d}, implementation: {http: {url: 'http://t.test'}}}
            """);
        await space.ApplyAsync(Set("{name: a, modelRef: {name: m}, promptRefs: [{name: x}, {name: y}], toolRefs: [{name: t}]}", "{name: b, modelRef: {name: m}, prompts: [{name: y}]}"));
        await space.UntilReadyIsAsync("FlowSet", "fs", "False", "deployment phase=Pending, 0/1 replicas available");

        Assert.Equal(["x.prompt", "y.prompt"], (await space.DataAsync("fs-a-prompts")).Select(file => file.Key).Order());
        Assert.Equal("hello", (string?)(await space.DataAsync("fs-a-prompts"))["x.prompt"]);
        Assert.Equal("t.json", Assert.Single(await space.DataAsync("fs-a-tools")).Key);
        Assert.Equal("there", (string?)(await space.DataAsync("fs-b-prompts"))["y.prompt"]);
    }

    [Fact]
    public async Task Reconcile_ObjectsOfOthersBearTheNames_AreLeftAlone()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World + """

            ---
            kind: Flow
            metadata: {name: fs}
            spec: {image: x}
            """);
        await space.UntilReadyIsAsync("Flow", "fs", "False", "deployment phase=Pending, 0/1 replicas available");

        await space.ApplyAsync(Set(A));

        var set = await space.UntilReadyIsAsync("FlowSet", "fs", "False", "service \"fs\" exists and belongs to Flow \"fs\"; rename the FlowSet or delete that object");
        Assert.Equal("NameConflict", set.FindCondition("Ready")!.Reason);
        Assert.Equal("fs", (await space.GetAsync("Service", "fs")).Labels["genkit.dev/flow"]);

        await space.DeleteAsync("Flow", "fs");
        await space.UntilReadyIsAsync("FlowSet", "fs", "False", "deployment phase=Pending, 0/1 replicas available");
    }

    private static string Set(params IEnumerable<string> flows) => $$"""
        kind: FlowSet
        metadata: {name: fs}
        spec: {image: x, flows: [{{string.Join(", ", flows)}}] }
        """;
}
