using Portal.Kubernetes.Objects;

namespace Portal.Tests.Operator.Flows;

/// <summary>What has been served goes on when its source breaks. The test plays the Deployment controller.</summary>
public class LastGoodTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string World = """
        kind: Secret
        metadata: {name: s1}
        data: {K: YQ==}
        ---
        kind: Secret
        metadata: {name: s2}
        data: {K: YQ==}
        ---
        kind: PluginConfig
        metadata: {name: p1}
        spec: {type: demo, credentialsRef: {name: s1} }
        ---
        kind: PluginConfig
        metadata: {name: p2}
        spec: {type: demo, credentialsRef: {name: s2} }
        ---
        kind: Prompt
        metadata: {name: first}
        spec: {content: "Hi {{name}}."}
        ---
        kind: Prompt
        metadata: {name: second}
        spec: {content: "Bye."}
        """;

    private const string Broken = """{"spec":{"content":"Hi {{#if name}}"}}""";
    private const string Complaint = "prompt \"first\": line 1, column ";

    [Fact]
    public async Task Flow_APromptBreaks_KeepsItsLastTextAndTakesOtherChanges()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x, prompts: [{promptRef: {name: first} }, {promptRef: {name: second} }] }");
        await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");
        await space.SetReplicasAsync("web", 1, 1);
        await space.UntilReadyIsAsync("Flow", "web", "True", "1/1 replicas available");

        await space.PatchAsync("Prompt", "first", Broken);
        var held = await space.UntilAsync("Flow", "web", item => item.FindCondition("Degraded")?.IsTrue == true);

        Assert.Equal(("False", "InvalidDocument"), (held.FindCondition("Ready")!.Status, held.FindCondition("Ready")!.Reason));
        Assert.StartsWith(Complaint, held.FindCondition("Ready")!.Message, StringComparison.Ordinal);
        Assert.StartsWith("flow \"web\" → " + Complaint, held.FindCondition("Degraded")!.Message, StringComparison.Ordinal);
        Assert.EndsWith("; its last valid text is served", held.FindCondition("Degraded")!.Message, StringComparison.Ordinal);
        Assert.Equal("Hi {{name}}.", (string?)(await space.DataAsync("web-prompts"))["first.prompt"]);
        Assert.Equal(1, (await space.GetAsync("Deployment", "web")).Generation);

        await space.PatchAsync("Prompt", "second", """{"spec":{"content":"So long."}}""");
        await space.UntilAsync("Deployment", "web", item => item.Generation == 2);
        Assert.Equal(("Hi {{name}}.", "So long."), ((string?)(await space.DataAsync("web-prompts"))["first.prompt"], (string?)(await space.DataAsync("web-prompts"))["second.prompt"]));

        await space.PatchAsync("Prompt", "first", """{"spec":{"content":"Welcome."}}""");
        await space.UntilAsync("Deployment", "web", item => item.Generation == 3);
        await space.SetReplicasAsync("web", 1, 1);
        var healed = await space.UntilReadyIsAsync("Flow", "web", "True", "1/1 replicas available");
        Assert.Equal("False", healed.FindCondition("Degraded")!.Status);
    }

    [Fact]
    public async Task Flow_APromptIsBrokenFromTheStart_IsRolledOutAndDegraded()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x, prompts: [{prompt: {name: first, content: 'Hi {{#if name}}'} }] }");

        var flow = await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");

        Assert.Equal("InvalidDocument", flow.FindCondition("Degraded")!.Reason);
        Assert.Equal("Hi {{#if name}}", (string?)(await space.DataAsync("web-prompts"))["first.prompt"]);
    }

    [Theory]
    [InlineData("Prompt", "second", "flow \"b\": prompt \"second\" not found", "Pending")]
    [InlineData("PluginConfig", "p2", "flow \"b\": pluginconfig \"p2\" not found (referenced by inline modelSpec)", "Pending")]
    public async Task FlowSet_AFlowBreaks_GoesOnAsItWasAndSaysSo(string kind, string name, string message, string phase)
    {
        var space = await ServingSetAsync();

        await space.DeleteAsync(kind, name);
        var set = await space.UntilReadyIsAsync("FlowSet", "set", "False", message);

        Assert.Equal([("a", true, "Running", "1/1 replicas available"), ("b", false, phase, message)], Flows(set));
        Assert.Equal(1, (int?)set.Json["status"]!["readyFlows"]);
        Assert.EndsWith("; its last good version is served", set.FindCondition("Degraded")!.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await space.GetAsync("Deployment", "set")).Generation);
        Assert.Equal("Bye.", (string?)(await space.DataAsync("set-b-prompts"))["second.prompt"]);

        await space.PatchAsync("Prompt", "first", """{"spec":{"content":"Hello."}}""");
        await space.UntilAsync("Deployment", "set", item => item.Generation == 2);
        Assert.Contains("\"b\"", (string?)(await space.DataAsync("set-manifest"))["manifest.json"], StringComparison.Ordinal);

        await space.ApplyAsync(World);
        await space.UntilAsync("Deployment", "set", item => item.Generation == 3);
        await space.SetReplicasAsync("set", 1, 1);
        await space.UntilAsync("FlowSet", "set", item => (int?)item.Json["status"]?["readyFlows"] == 2 && item.FindCondition("Degraded")?.IsTrue == false);
    }

    [Fact]
    public async Task FlowSet_TheSecretOfAFlowGoes_LeavesThatFlowOut()
    {
        var space = await ServingSetAsync();

        await space.DeleteAsync("Secret", "s2");

        await space.UntilReadyIsAsync("FlowSet", "set", "False", "flow \"b\": secret \"s2\" not found (referenced by pluginconfig \"p2\")");
        await space.UntilGoneAsync("ConfigMap", "set-b-prompts");
        await space.UntilAsync("Deployment", "set", item => !item.Json["spec"]!["template"]!.ToJsonString().Contains("s2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FlowSet_APromptOfAFlowBreaks_KeepsItsLastText()
    {
        var space = await ServingSetAsync();

        await space.PatchAsync("Prompt", "first", Broken);
        var set = await space.UntilAsync("FlowSet", "set", item => item.FindCondition("Degraded")?.IsTrue == true);

        Assert.StartsWith("flow \"a\": " + Complaint, Flows(set)[0].Message, StringComparison.Ordinal);
        Assert.Equal(("b", true, "Running", "1/1 replicas available"), Flows(set)[1]);
        Assert.StartsWith("flowset \"set\" → flow \"a\" → " + Complaint, set.FindCondition("Degraded")!.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await space.GetAsync("Deployment", "set")).Generation);
    }

    private async Task<TestNamespace> ServingSetAsync()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await space.ApplyAsync("""
            kind: FlowSet
            metadata: {name: set}
            spec:
              image: x
              flows:
              - {name: a, modelSpec: {provider: demo, model: m, pluginConfigRef: {name: p1} }, prompts: [{promptRef: {name: first} }] }
              - {name: b, modelSpec: {provider: demo, model: m, pluginConfigRef: {name: p2} }, prompts: [{promptRef: {name: second} }] }
            """);
        await space.UntilReadyIsAsync("FlowSet", "set", "False", "deployment phase=Pending, 0/1 replicas available");
        await space.SetReplicasAsync("set", 1, 1);
        await space.UntilReadyIsAsync("FlowSet", "set", "True", "1/1 replicas available");
        return space;
    }

    private static List<(string Name, bool Ready, string Phase, string Message)> Flows(KubeObject set) =>
        [.. set.Json["status"]!["flows"]!.AsArray().Select(flow => ((string)flow!["name"]!, (bool)flow["ready"]!, (string)flow["phase"]!, (string)flow["message"]!))];
}
