using Portal.Kubernetes.Client;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Checks 17 to 19, and B1 and B6: a FlowSet, its children and its status.</summary>
public class FlowSetChecks(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string Waiting = "deployment phase=Pending, 0/1 replicas available";

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
    public async Task Check17_TwoFlows_MakeTheMultiLayout()
    {
        var space = await SetAsync(A, B);

        var maps = (await space.ListAsync("ConfigMap")).Select(map => map.Name).Where(name => name != "kube-root-ca.crt");
        Assert.Equal(["fs-a-config", "fs-a-prompts", "fs-a-tools", "fs-b-config", "fs-b-prompts", "fs-b-tools", "fs-manifest"], maps.Order(StringComparer.Ordinal));
        Assert.Equal("fs", Assert.Single(await space.ListAsync("Service")).Name);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"flows":[{"name":"a","entrypoint":"first","dir":"/genkit/flows/a"},{"name":"b","entrypoint":"ask","dir":"/genkit/flows/b"}]}"""),
            JsonNode.Parse((string)(await space.DataAsync("fs-manifest"))["manifest.json"]!)));
        foreach (var (flow, key) in new[] { ("a", "K1"), ("b", "K2") })
        {
            var config = JsonNode.Parse((string)(await space.DataAsync($"fs-{flow}-config"))["config.json"]!)!;
            Assert.Equal(($"/genkit/flows/{flow}/credentials", key), ((string?)config["credentialsDir"], (string?)Assert.Single(config["credentialKeys"]!.AsArray())));
        }

        var pod = Assert.Single(await space.ListAsync("Deployment")).Json["spec"]!["template"]!["spec"]!;
        var container = Assert.Single(pod["containers"]!.AsArray())!;
        Assert.Equal("flowset", (string?)container["name"]);
        Assert.Null(container["envFrom"]);
        Assert.Equal(
            [
                "/genkit/flows/a/config.json c-a config.json", "/genkit/flows/a/credentials s-e8bc163c82 ", "/genkit/flows/a/prompts p-a ", "/genkit/flows/a/tools t-a ",
                "/genkit/flows/b/config.json c-b config.json", "/genkit/flows/b/credentials s-ad328846aa ", "/genkit/flows/b/prompts p-b ", "/genkit/flows/b/tools t-b ",
                "/genkit/manifest.json genkit-manifest manifest.json",
            ],
            container["volumeMounts"]!.AsArray().Where(mount => ((string)mount!["mountPath"]!).StartsWith("/genkit", StringComparison.Ordinal))
                .Select(mount => $"{mount!["mountPath"]} {mount["name"]} {mount["subPath"]}").Order(StringComparer.Ordinal));
        Assert.Equal(
            ["s1", "s2"],
            pod["volumes"]!.AsArray().Select(volume => (string?)volume!["secret"]?["secretName"]).OfType<string>().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{name: a, modelRef: {name: m}, promptRefs: [{name: x}]}, {name: a, modelRef: {name: m}, promptRefs: [{name: x}]}", "spec.flows: duplicate entries")]
    [InlineData("{name: A, modelRef: {name: m}, prompts: [{promptRef: {name: x}}]}", "spec.flows[0].name")]
    [InlineData("{name: a, modelRef: {name: m}, prompts: []}", "a flow needs at least one prompt")]
    public async Task Check18_BadFlows_AreRefused(string flows, string message)
    {
        var space = await fixture.NewNamespaceAsync();

        var refusal = await Assert.ThrowsAsync<KubernetesException>(() => space.ApplyAsync(Set(flows)));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{name: a, prompts: [{prompt: {name: p, content: x}}]}", "flow \"a\": exactly one of modelRef or modelSpec is required")]
    [InlineData("{name: a, modelRef: {name: m}, prompts: [{promptRef: {name: later}}]}", "flow \"a\": prompt \"later\" not found")]
    public async Task Check18_FlowThatCannotBeServed_IsNamed(string flows, string message)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync(Set(flows));

        await space.UntilReadyIsAsync("FlowSet", "fs", "False", message);
    }

    [Fact]
    public async Task Check19_PodsComeAndAFlowLeaves_CountsFollow()
    {
        var space = await SetAsync(A, B);
        await space.SetReplicasAsync("fs", 1, 1);
        var ready = await space.UntilReadyIsAsync("FlowSet", "fs", "True", "1/1 replicas available");
        Assert.Equal((2, 2), ((int?)ready.Json["status"]!["readyFlows"], (int?)ready.Json["status"]!["totalFlows"]));
        Assert.All(ready.Json["status"]!["flows"]!.AsArray(), flow => Assert.Equal((true, "Running"), ((bool?)flow!["ready"], (string?)flow["phase"])));

        await space.ApplyAsync(Set(A));

        foreach (var part in new[] { "prompts", "tools", "config" })
        {
            await space.UntilGoneAsync("ConfigMap", $"fs-b-{part}");
        }

        await space.UntilAsync("FlowSet", "fs", set => (int?)set.Json["status"]?["totalFlows"] == 1);
    }

    [Fact]
    public async Task CheckB01_SixFlowsOfThreePrompts_FiftyReconcilesWriteNothing()
    {
        var space = await SetAsync([.. Enumerable.Range(0, 6).Select(flow =>
            $"{{name: f{flow}, modelRef: {{name: m}}, prompts: [{string.Join(", ", Enumerable.Range(0, 3).Select(prompt => $"{{prompt: {{name: p{prompt}, content: text {flow} {prompt}}}}}"))}]}}")]);
        await space.SetReplicasAsync("fs", 1, 1);
        await space.UntilReadyIsAsync("FlowSet", "fs", "True", "1/1 replicas available");
        using var requests = new RecordingHandler(fixture.Client.Connection.Handler);
        var hand = new HandReconcilers(fixture, new KubeClient(fixture.Client.Connection with { Handler = requests }));
        var before = await VersionsAsync(space);

        for (var round = 0; round < 50; round++)
        {
            await hand.FlowSet.ReconcileAsync(new("genkit.dev", "FlowSet", space.Name, "fs"), CancellationToken.None);
        }

        Assert.Equal(before, await VersionsAsync(space));
        Assert.Empty(requests.Requests);
        Assert.Equal(1, (await space.GetAsync("Deployment", "fs")).Generation);
    }

    [Fact]
    public async Task CheckB06_HelperPromptMovesToAnotherFlow_RollsTheDeployment()
    {
        const string Helper = ", {prompt: {name: helper, content: h}}";
        string Flow(string name, string more) => $"{{name: {name}, modelRef: {{name: m}}, prompts: [{{prompt: {{name: p, content: x}}}}{more}]}}";
        var space = await SetAsync(Flow("a", Helper), Flow("b", ""));
        Assert.Equal(1, (await space.GetAsync("Deployment", "fs")).Generation);

        await space.ApplyAsync(Set(Flow("a", ""), Flow("b", Helper)));

        await space.UntilAsync("Deployment", "fs", deployment => deployment.Generation == 2);
    }

    private async Task<TestNamespace> SetAsync(params string[] flows)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync(Set(flows));
        await space.UntilReadyIsAsync("FlowSet", "fs", "False", Waiting);
        return space;
    }

    private static async Task<List<string>> VersionsAsync(TestNamespace space)
    {
        List<string> versions = [];
        foreach (var kind in new[] { "ConfigMap", "Service", "Deployment", "FlowSet" })
        {
            versions.AddRange((await space.ListAsync(kind)).Select(item => $"{kind} {item.Name} {item.ResourceVersion}"));
        }

        return versions;
    }

    private static string Set(params string[] flows) => $$"""
        kind: FlowSet
        metadata: {name: fs}
        spec: {image: x, flows: [{{string.Join(", ", flows)}}] }
        """;
}
