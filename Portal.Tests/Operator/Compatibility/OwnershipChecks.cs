using Portal.Operator.Api;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Checks B2 to B4, B7, B15 and B16: what the original does to others' objects, to bad roll-outs and to manifests out of order.</summary>
public class OwnershipChecks(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string Waiting = "deployment phase=Pending, 0/1 replicas available";

    [Theory]
    [InlineData("Service", "web", "spec: {selector: {app: mine}, ports: [{port: 80}]}")]
    [InlineData("ConfigMap", "web-config", "data: {mine: kept}")]
    public async Task CheckB02_ObjectOfSomebodyElse_IsLeftAloneAndSurvivesTheFlow(string kind, string name, string content)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync($"kind: {kind}\nmetadata: {{name: {name}}}\n{content}");
        var before = await space.GetAsync(kind, name);

        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x}");
        var flow = await space.UntilAsync("Flow", "web", item => item.FindCondition("Ready") is { Status: "False", Reason: "NameConflict" });
        Assert.Contains($"\"{name}\"", flow.FindCondition("Ready")!.Message, StringComparison.Ordinal);
        await space.DeleteAsync("Flow", "web");
        await space.UntilGoneAsync("Flow", "web");

        // A further Flow is reconciled after that one has gone.
        await space.ApplyAsync("kind: Flow\nmetadata: {name: later}\nspec: {image: x}");
        await space.UntilReadyIsAsync("Flow", "later", "False", Waiting);
        Assert.Equal((before.Uid, before.ResourceVersion), ((await space.GetAsync(kind, name)).Uid, (await space.GetAsync(kind, name)).ResourceVersion));
    }

    [Theory]
    [InlineData("same", "same", "a")]
    [InlineData("same-a", "same", "a")]
    public async Task CheckB03_FlowAndFlowSetWantTheSameNames_TheFirstKeepsThem(string flow, string set, string member)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Samples.PluginConfig);
        await space.ApplyAsync($"kind: Flow\nmetadata: {{name: {flow}}}\nspec: {{image: x}}");
        await space.UntilReadyIsAsync("Flow", flow, "False", Waiting);

        await space.ApplyAsync($$"""
            kind: FlowSet
            metadata: {name: {{set}}}
            spec:
              image: x
              flows: [{name: {{member}}, modelSpec: {provider: anthropic, model: c, pluginConfigRef: {name: anthropic} }, prompts: [{prompt: {name: p, content: x} }] }]
            """);
        var blocked = await space.UntilAsync("FlowSet", set, item => item.FindCondition("Ready") is { Status: "False", Reason: "NameConflict" });
        var versions = await VersionsAsync(space);

        // Both are reconciled again, by a change each that the other does not see.
        await space.PatchAsync("FlowSet", set, """{"metadata":{"annotations":{"seen":"again"}}}""");
        await space.PatchAsync("Flow", flow, """{"spec":{"replicas":0}}""");
        await space.UntilAsync("Deployment", flow, item => (int?)item.Json["spec"]!["replicas"] == 0);

        Assert.Contains($"belongs to Flow \"{flow}\"", blocked.FindCondition("Ready")!.Message, StringComparison.Ordinal);
        Assert.Equal(versions, await VersionsAsync(space));
    }

    [Fact]
    public async Task CheckB04_NewPodsFail_IsNotReadyWhileTheOldOnesServe()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: f}\nspec: {image: good}");
        await space.UntilReadyIsAsync("Flow", "f", "False", Waiting);
        await space.SetReplicasAsync("f", 1, 1);
        await space.UntilReadyIsAsync("Flow", "f", "True", "1/1 replicas available");

        await space.PatchAsync("Flow", "f", """{"spec":{"image":"broken"}}""");
        await space.UntilAsync("Deployment", "f", item => item.Generation == 2);
        await space.UntilAsync("Flow", "f", item => item.FindCondition("Ready")!.Status == "False");
        await space.PatchAsync("Deployment", "f", """
            {"status": {
              "observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1, "unavailableReplicas": 1,
              "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"f-2\" has timed out progressing."}]
            }}
            """, "status");

        var stuck = await space.UntilAsync("Flow", "f", item => item.FindCondition("Ready") is { Reason: "ProgressDeadlineExceeded" });
        Assert.Equal(("False", "Failed"), (stuck.FindCondition("Ready")!.Status, (string?)stuck.Json["status"]!["phase"]));
        Assert.Equal(("True", 1), (stuck.FindCondition("Serving")!.Status, (int?)stuck.Json["status"]!["availableReplicas"]));
    }

    [Fact]
    public async Task CheckB07_SamplesInAnyOrder_AllConverge()
    {
        foreach (var order in new[] { Samples.InFileOrder, [.. Samples.InFileOrder.Reverse()] })
        {
            var space = await fixture.NewNamespaceAsync();
            foreach (var sample in order)
            {
                await space.ApplyAsync(sample);
            }

            // Once nothing is missing there is one last roll-out, which the test plays.
            foreach (var (kind, name) in new[] { ("Flow", "welcome"), ("FlowSet", "welcome-suite") })
            {
                await space.UntilAsync(kind, name, item => item.FindCondition("Ready") is { Reason: "Reconciling" });
                await space.SetReplicasAsync(name, 1, 1);
            }

            foreach (var (kind, name) in new[]
            {
                ("Dataset", "welcome-set"), ("Eval", "welcome-nightly"), ("Flow", "welcome"), ("FlowSet", "welcome-suite"),
                ("Model", "claude"), ("PluginConfig", "anthropic"), ("Prompt", "welcoming"), ("Tool", "weather"),
            })
            {
                await space.UntilAsync(kind, name, item => item.FindCondition("Ready") is { IsTrue: true });
            }
        }
    }

    [Fact]
    public async Task CheckB07_ConfigMapOfADatasetChanges_IsCountedAnew()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: Dataset\nmetadata: {name: d}\nspec: {format: json, source: {configMapRef: {name: rows}}}");
        await space.UntilReadyIsAsync("Dataset", "d", "False", "configmap \"rows\" not found");
        await space.ApplyAsync("kind: ConfigMap\nmetadata: {name: rows}\ndata: {data.json: '[{\"input\": 1}]'}");
        await space.UntilReadyIsAsync("Dataset", "d", "True", "dataset source resolved (samples=1)");

        await space.PatchAsync("ConfigMap", "rows", """{"data":{"data.json":"[1, 2]"}}""");
        await space.UntilReadyIsAsync("Dataset", "d", "True", "dataset source resolved (samples=2)");
        await space.DeleteAsync("ConfigMap", "rows");

        var gone = await space.UntilReadyIsAsync("Dataset", "d", "False", "configmap \"rows\" not found");
        Assert.Null(gone.Json["status"]!["sampleCount"]);
    }

    /// <summary>In the words of the original's documentation, and as its version 0.4 had it.</summary>
    [Theory]
    [InlineData("{image: x, promptRefs: [{name: one}, {name: two}], toolRefs: [{name: t}]}")]
    [InlineData("{image: x, prompts: [{name: one}, {name: two}], tools: [{name: t}]}")]
    [InlineData("{image: x, prompts: [{promptRef: {name: one}}], promptRefs: [{name: two}, {name: one}], tools: [{name: t}], toolRefs: [{name: t}]}")]
    public async Task CheckB15_OtherSpellings_MeanTheSame(string spec)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("""
            kind: Prompt
            metadata: {name: one}
            spec: {content: One.}
            ---
            kind: Prompt
            metadata: {name: two}
            spec: {content: Two.}
            ---
            kind: Tool
            metadata: {name: t}
            spec: {definition: {name: t}, implementation: {http: {url: "https://t.test"}}}
            """);

        await space.ApplyAsync($"kind: Flow\nmetadata: {{name: f}}\nspec: {spec}");

        await space.UntilReadyIsAsync("Flow", "f", "False", Waiting);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"one.prompt":"One.","two.prompt":"Two."}"""), await space.DataAsync("f-prompts")));
        Assert.Equal(["t.json"], (await space.DataAsync("f-tools")).Select(file => file.Key));
        Assert.Equal("one", (string?)JsonNode.Parse((string)(await space.DataAsync("f-config"))["config.json"]!)!["entrypoint"]);
    }

    /// <summary>Its own, or one that somebody made for the Deployment.</summary>
    [Theory]
    [InlineData("{image: x, autoscaling: {maxReplicas: 5}}", null)]
    [InlineData("{image: x}", "spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: f}}")]
    public async Task CheckB16_ReplicasOfAnAutoscaler_AreNotReverted(string spec, string? autoscaler)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync($"kind: Flow\nmetadata: {{name: f}}\nspec: {spec}");
        if (autoscaler is not null)
        {
            await space.ApplyAsync($"kind: HorizontalPodAutoscaler\nmetadata: {{name: mine}}\n{autoscaler}");
        }

        await space.UntilAsync("Deployment", "f", item => item.Annotations.ContainsKey(GenkitApi.ScaledByAnnotation));
        await space.PatchAsync("Deployment", "f", """{"spec":{"replicas":4}}""");

        await space.PatchAsync("Flow", "f", """{"spec":{"port":9000}}""");

        var deployment = await space.UntilAsync("Deployment", "f", item => (int?)item.Json["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]![0]!["containerPort"] == 9000);
        Assert.Equal(4, (int?)deployment.Json["spec"]!["replicas"]);
    }

    private static async Task<List<string>> VersionsAsync(TestNamespace space)
    {
        List<string> versions = [];
        foreach (var kind in new[] { "ConfigMap", "Service", "FlowSet" })
        {
            versions.AddRange((await space.ListAsync(kind)).Select(item => $"{kind} {item.Name} {(kind == "FlowSet" ? item.Json["status"]!.ToJsonString() : item.ResourceVersion)}"));
        }

        return versions;
    }
}
