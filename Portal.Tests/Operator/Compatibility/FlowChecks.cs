using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Checks 7 to 11: a Flow, its children and its life.</summary>
public class FlowChecks(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string Waiting = "deployment phase=Pending, 0/1 replicas available";

    [Fact]
    public async Task Check07_FlowSample_MakesExactlyItsFiveChildren()
    {
        var (space, flow) = await SampleAsync();

        var maps = (await space.ListAsync("ConfigMap")).Where(map => map.Name != "kube-root-ca.crt").ToList();
        var service = Assert.Single(await space.ListAsync("Service"));
        var deployment = Assert.Single(await space.ListAsync("Deployment"));
        Assert.Equal(["welcome-config", "welcome-prompts", "welcome-tools"], maps.Select(map => map.Name));
        Assert.Equal(("welcome", "welcome"), (service.Name, deployment.Name));

        JsonObject labels = new() { ["app.kubernetes.io/managed-by"] = "genkit-operator", ["genkit.dev/flow"] = "welcome" };
        Assert.All([.. maps, service, deployment], child =>
        {
            Assert.True(JsonNode.DeepEquals(labels, child.Metadata["labels"]), $"{child.Kind} {child.Name} has the labels {child.Metadata["labels"]}");
            var owner = Assert.Single(child.Metadata["ownerReferences"]!.AsArray())!;
            Assert.Equal(
                ("genkit.dev/v1alpha1", "Flow", "welcome", flow.Uid, true, true),
                ((string?)owner["apiVersion"], (string?)owner["kind"], (string?)owner["name"], (string?)owner["uid"], (bool?)owner["controller"], (bool?)owner["blockOwnerDeletion"]));
        });
        Assert.True(JsonNode.DeepEquals(labels, service.Json["spec"]!["selector"]));
        Assert.True(JsonNode.DeepEquals(labels, deployment.Json["spec"]!["selector"]!["matchLabels"]));
        Assert.True(JsonNode.DeepEquals(labels, deployment.Json["spec"]!["template"]!["metadata"]!["labels"]));
        var port = Assert.Single(service.Json["spec"]!["ports"]!.AsArray())!;
        Assert.Equal(
            ("ClusterIP", "http", 8080, 8080, "TCP"),
            ((string?)service.Json["spec"]!["type"], (string?)port["name"], (int?)port["port"], (int?)port["targetPort"], (string?)port["protocol"]));
    }

    [Fact]
    public async Task Check07_FlowSample_RunsOneContainerThatReadsItsFiles()
    {
        var (space, _) = await SampleAsync();

        var pod = (await space.GetAsync("Deployment", "welcome")).Json["spec"]!["template"]!["spec"]!;
        var container = Assert.Single(pod["containers"]!.AsArray())!;
        var port = Assert.Single(container["ports"]!.AsArray())!;
        Assert.Equal(("flow", "registry.test/runner:1", "IfNotPresent"), ((string?)container["name"], (string?)container["image"], (string?)container["imagePullPolicy"]));
        Assert.Equal(("http", 8080, "TCP"), ((string?)port["name"], (int?)port["containerPort"], (string?)port["protocol"]));
        Assert.Equal("anthropic-credentials", (string?)Assert.Single(container["envFrom"]!.AsArray())!["secretRef"]!["name"]);
        Assert.Equal(
            ["genkit-config /genkit", "genkit-prompts /genkit/prompts", "genkit-tools /genkit/tools"],
            container["volumeMounts"]!.AsArray().Select(mount => $"{mount!["name"]} {mount["mountPath"]}").Where(mount => mount.Contains("genkit-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["genkit-config welcome-config", "genkit-prompts welcome-prompts", "genkit-tools welcome-tools"],
            pod["volumes"]!.AsArray().Where(volume => volume!["configMap"] is not null).Select(volume => $"{volume!["name"]} {volume["configMap"]!["name"]}").Order(StringComparer.Ordinal));
    }

    /// <summary>Beside what the original writes: the keys to read, and the flow's name with the prompt that answers it.</summary>
    [Fact]
    public async Task Check07_FlowSample_ConfigHoldsModelAndPlugin()
    {
        var (space, _) = await SampleAsync();

        var config = JsonNode.Parse((string)(await space.DataAsync("welcome-config"))["config.json"]!)!;

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {
              "defaultModel": {"provider": "anthropic", "model": "claude", "config": {"temperature": 0.3, "maxOutputTokens": 1024}},
              "plugin": {"type": "anthropic"},
              "credentialKeys": ["ANTHROPIC_API_KEY"],
              "flowName": "welcome",
              "entrypoint": "welcoming"
            }
            """), config), config.ToJsonString());
        Assert.Empty((await space.GetAsync("ConfigMap", "welcome-tools")).Json["data"] as JsonObject ?? []);
    }

    [Fact]
    public async Task Check08_InlinePrompt_IsWrittenByteForByteAndHashed()
    {
        var (space, flow) = await SampleAsync();

        var file = Assert.Single(await space.DataAsync("welcome-prompts"));

        Assert.Equal(("welcoming.prompt", "---\nmodel: anthropic/claude\ninput:\n  schema:\n    guest: string\n---\nWelcome <{{guest}}> & friends, „warmly“.\n"), (file.Key, (string?)file.Value));
        var hash = (string?)flow.Json["status"]!["contentHash"];
        Assert.Matches("^[0-9a-f]{64}$", hash);
        Assert.Equal(hash, HashOf(await space.GetAsync("Deployment", "welcome")));
    }

    [Fact]
    public async Task Check09_PodsComeAndGo_StatusFollows()
    {
        var (space, _) = await SampleAsync();
        await space.SetReplicasAsync("welcome", replicas: 1, available: 0);
        var pending = await space.UntilReadyIsAsync("Flow", "welcome", "False", "deployment phase=Pending, 0/1 replicas available");
        Assert.Equal(("Pending", "Reconciling"), ((string?)pending.Json["status"]!["phase"], pending.FindCondition("Ready")!.Reason));

        await space.SetReplicasAsync("welcome", replicas: 1, available: 1);
        var running = await space.UntilReadyIsAsync("Flow", "welcome", "True", "1/1 replicas available");
        Assert.Equal(("Running", 1), ((string?)running.Json["status"]!["phase"], (int?)running.Json["status"]!["availableReplicas"]));

        await space.PatchAsync("Flow", "welcome", """{"spec":{"replicas":0}}""");
        await space.UntilAsync("Deployment", "welcome", item => (int?)item.Json["spec"]!["replicas"] == 0);
        await space.SetReplicasAsync("welcome", replicas: 0, available: 0);
        var stopped = await space.UntilReadyIsAsync("Flow", "welcome", "True", "0/0 replicas available");
        Assert.Equal("Running", (string?)stopped.Json["status"]!["phase"]);
        Assert.Null(stopped.Json["status"]!["availableReplicas"]);
    }

    [Fact]
    public async Task Check10_EveryFieldOfAFlow_ShowsInItsChildren()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(string.Join("\n---\n", Samples.PluginConfig, Samples.Model, Samples.Prompt, Samples.Tool, """
            kind: Secret
            metadata: {name: headers}
            data: {x-key: Zm9v}
            ---
            kind: Tool
            metadata: {name: parcels}
            spec: {definition: {name: parcels}, implementation: {http: {url: "https://parcels.test", headersSecretRef: {name: headers}}}}
            """));
        await space.PatchAsync("PluginConfig", "anthropic", """{"spec":{"region":"eu"}}""");
        await space.UntilAsync("PluginConfig", "anthropic", item => (long?)item.Json["status"]?["observedGeneration"] == item.Generation);
        await space.ApplyAsync("""
            kind: Flow
            metadata: {name: whole}
            spec:
              image: registry.test/runner:2
              imagePullPolicy: Always
              replicas: 2
              port: 9090
              serviceType: NodePort
              modelRef: {name: claude}
              prompts: [{promptRef: {name: welcoming}}, {prompt: {name: extra, content: Extra.}}]
              tools: [{name: weather}, {name: parcels}]
              env: [{name: MODE, value: test}]
              resources: {limits: {memory: 128Mi}}
            """);
        await space.UntilReadyIsAsync("Flow", "whole", "False", "deployment phase=Pending, 0/2 replicas available");

        var spec = (await space.GetAsync("Deployment", "whole")).Json["spec"]!;
        var container = spec["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal((2, "Always", 9090), ((int?)spec["replicas"], (string?)container["imagePullPolicy"], (int?)container["ports"]![0]!["containerPort"]));
        Assert.Contains(container["env"]!.AsArray(), variable => (string?)variable!["name"] == "MODE" && (string?)variable["value"] == "test");
        Assert.Equal("128Mi", (string?)container["resources"]!["limits"]!["memory"]);
        var service = (await space.GetAsync("Service", "whole")).Json["spec"]!;
        Assert.Equal(("NodePort", 9090), ((string?)service["type"], (int?)service["ports"]![0]!["targetPort"]));
        Assert.Equal(["extra.prompt", "welcoming.prompt"], (await space.DataAsync("whole-prompts")).Select(file => file.Key).Order());

        var config = JsonNode.Parse((string)(await space.DataAsync("whole-config"))["config.json"]!)!;
        Assert.Equal(("Claude", "eu"), ((string?)config["defaultModel"]!["info"]!["label"], (string?)config["plugin"]!["region"]));
        var tools = await space.DataAsync("whole-tools");
        Assert.Equal("POST", (string?)JsonNode.Parse((string)tools["weather.json"]!)!["implementation"]!["http"]!["method"]);
        var parcels = JsonNode.Parse((string)tools["parcels.json"]!)!["implementation"]!["http"]!;
        Assert.Equal(("POST", "headers"), ((string?)parcels["method"], (string?)parcels["headersSecretRef"]!["name"]));
    }

    [Theory]
    [InlineData("Prompt", "prompt \"welcoming\" not found")]
    [InlineData("Tool", "tool \"weather\" not found")]
    [InlineData("Model", "model \"claude\" not found")]
    [InlineData("PluginConfig", "pluginconfig \"anthropic\" not found (referenced by model \"claude\")")]
    [InlineData("Secret", "secret \"anthropic-credentials\" not found (referenced by pluginconfig \"anthropic\")")]
    public async Task Check11_MissingDependency_IsNamedAndHealsWhenItComes(string kind, string message)
    {
        var space = await fixture.NewNamespaceAsync();
        var documents = string.Join("\n---\n", Samples.PluginConfig, Samples.Model, Samples.Prompt, Samples.Tool).Split("\n---\n");
        var late = documents.Single(text => text.StartsWith($"kind: {kind}\n", StringComparison.Ordinal));
        await space.ApplyAsync(string.Join("\n---\n", documents.Except([late])));
        await space.ApplyAsync("""
            kind: Flow
            metadata: {name: f}
            spec: {image: x, modelRef: {name: claude}, prompts: [{promptRef: {name: welcoming}}], tools: [{name: weather}]}
            """);
        var blocked = await space.UntilReadyIsAsync("Flow", "f", "False", message);
        Assert.Equal(("Pending", "MissingDependency"), ((string?)blocked.Json["status"]!["phase"], blocked.FindCondition("Ready")!.Reason));
        Assert.Empty(await space.ListAsync("Deployment"));
        Assert.Empty(await space.ListAsync("Service"));

        await space.ApplyAsync(late);

        await space.UntilReadyIsAsync("Flow", "f", "False", Waiting);
    }

    private async Task<(TestNamespace Space, KubeObject Flow)> SampleAsync()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Samples.PluginConfig + "\n---\n" + Samples.Flow);
        return (space, await space.UntilReadyIsAsync("Flow", "welcome", "False", Waiting));
    }

    private static string? HashOf(KubeObject deployment) =>
        (string?)deployment.Json["spec"]!["template"]!["metadata"]!["annotations"]![GenkitApi.ContentHashAnnotation];
}
