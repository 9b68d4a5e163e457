using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;

namespace Portal.Tests.Portal.Workloads;

/// <summary>Changes that running processes read, and what the status says of what they serve.</summary>
[Collection(PortalCollection.Name)]
public sealed class HotReloadTests(PortalFixture fixture)
{
    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _name = "hot-" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task Flow_Hot_ReadsAChangeWithoutARestartAndSaysWhenItServesIt()
    {
        await ApplyAsync($$"""
            apiVersion: genkit.dev/v1alpha1
            kind: Prompt
            metadata: {name: {{_name}} }
            spec: {content: "before"}
            ---
            apiVersion: genkit.dev/v1alpha1
            kind: Flow
            metadata: {name: {{_name}} }
            spec: {image: genkit-portal/runner, reload: hot, modelRef: {name: echo-stream}, prompts: [{promptRef: {name: {{_name}} } }] }
            """);
        var first = await ServedAsync(Flow.Definition, "");
        var pod = await PodAsync();

        await _portal.Client.Resource<Prompt>().MergePatchAsync("demo", _name, Content("after"), null, null, CancellationToken.None);
        var second = await ServedAsync(Flow.Definition, first);

        Assert.NotEqual(first, second);
        Assert.Contains("after", await AnswerAsync(), StringComparison.Ordinal);
        Assert.Equal(pod, await PodAsync());
        Assert.Equal(1, (await _portal.Client.Resource(BuiltIn.Deployment).GetAsync("demo", _name, CancellationToken.None)).Generation);
    }

    [Fact]
    public async Task FlowSet_Hot_ReadsChangesOfFilesManifestAndConfig()
    {
        string Set(string prompt, string model, string first) => $$"""
            apiVersion: genkit.dev/v1alpha1
            kind: FlowSet
            metadata: {name: {{_name}} }
            spec:
              image: genkit-portal/runner
              reload: hot
              flows:
              - {name: a, modelRef: {name: echo-stream}, prompts: [{prompt: {name: {{first}}, content: {{prompt}} } }, {prompt: {name: other, content: other words} }] }
              - {name: b, modelRef: {name: {{model}} }, prompts: [{prompt: {name: p, content: same} }] }
            """;
        await ApplyAsync(Set("before", "echo-stream", "p"));
        var first = await ServedAsync(FlowSet.Definition, "");
        var pod = await PodAsync();

        // Of a, the entrypoint in the manifest and its file change.
        await ApplyAsync(Set("after", "echo-stream", "q"));
        await ServedAsync(FlowSet.Definition, first);

        Assert.Contains("after", await AnswerAsync("a"), StringComparison.Ordinal);
        Assert.Equal(pod, await PodAsync());
    }

    [Fact]
    public async Task FlowSet_ARunnerCannotServeAFlow_SaysWhyAndHeals()
    {
        await ApplyAsync($$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: {{_name}} }
            stringData: {OTHER: x}
            ---
            apiVersion: genkit.dev/v1alpha1
            kind: PluginConfig
            metadata: {name: {{_name}} }
            spec: {type: openai, credentialsRef: {name: {{_name}} } }
            ---
            apiVersion: genkit.dev/v1alpha1
            kind: FlowSet
            metadata: {name: {{_name}} }
            spec:
              image: genkit-portal/runner
              flows:
              - {name: good, modelRef: {name: echo-stream}, prompts: [{prompt: {name: p, content: fine} }] }
              - {name: keyless, modelSpec: {provider: openai, model: m, pluginConfigRef: {name: {{_name}} } }, prompts: [{prompt: {name: p, content: x} }] }
            """);

        var set = (await _portal.WaitForAsync(FlowSet.Definition, "demo", _name, item => item?.FindCondition("Ready")?.Reason == "FlowBroken"))!;
        var flows = set.Json["status"]!["flows"]!.AsArray();
        Assert.Equal([true, false], flows.Select(flow => (bool)flow!["ready"]!));
        Assert.Contains("OPENAI_API_KEY", (string)flows[1]!["message"]!, StringComparison.Ordinal);
        Assert.Contains("fine", await AnswerAsync("good"), StringComparison.Ordinal);
        Assert.Equal("FlowBroken", set.FindCondition("Degraded")!.Reason);

        await ApplyAsync($$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: {{_name}} }
            stringData: {OPENAI_API_KEY: sk-test}
            """);

        var healed = (await _portal.WaitForAsync(FlowSet.Definition, "demo", _name, item => (int?)item?.Json["status"]?["readyFlows"] == 2))!;
        Assert.Equal("False", healed.FindCondition("Degraded")!.Status);
        Assert.Equal((string?)healed.Json["status"]!["contentHash"], (string?)healed.Json["status"]!["servedContentHash"]);
    }

    /// <summary>Waits until everything is served, and something else than before.</summary>
    private async Task<string> ServedAsync(ResourceDefinition kind, string before)
    {
        var item = await _portal.WaitForAsync(kind, "demo", _name, item => item?.FindCondition("Ready")?.IsTrue == true
            && item.Json["status"]?["servedContentHash"]?.ToString() is { } served && served != before && served == item.Json["status"]!["contentHash"]!.ToString());
        return item!.Json["status"]!["servedContentHash"]!.ToString();
    }

    private async Task<string> PodAsync()
    {
        var pods = await _portal.Client.Resource(BuiltIn.Pod).ListAsync("demo", null, CancellationToken.None);
        var pod = Assert.Single(pods.Items, pod => pod.Labels.Values.Contains(_name) && pod.DeletionTimestamp is null);
        return $"{pod.Name} {pod.Json["status"]!["containerStatuses"]![0]!["restartCount"]}";
    }

    private async Task<string> AnswerAsync(string? flow = null)
    {
        if (flow is null)
        {
            using var direct = await _portal.CallAsync($"/flows/demo/{_name}", new { });
            Assert.Equal(HttpStatusCode.OK, direct.StatusCode);
            return await direct.Content.ReadAsStringAsync();
        }

        var slices = await _portal.Client.Resource(BuiltIn.EndpointSlice).ListAsync("demo", new ListOptions { LabelSelector = $"kubernetes.io/service-name={_name}" }, CancellationToken.None);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = RunningPortal.Patience };
        using var content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var response = await client.PostAsync($"http://127.0.0.1:{slices.Items.Single().Json["ports"]![0]!["port"]}/{flow}", content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task ApplyAsync(string yaml)
    {
        foreach (var manifest in TestManifests.Read(yaml))
        {
            manifest["metadata"]!["namespace"] = "demo";
            var kind = (string)manifest["kind"]!;
            var definition = kind == "Secret" ? BuiltIn.Secret : new ResourceDefinition("genkit.dev", "v1alpha1", kind, kind.ToLowerInvariant() + "s", true);
            await _portal.Client.Resource(definition).ApplyAsync(new KubeObject(manifest), new WriteOptions { Manager = new FieldManager("kubectl"), Force = true }, CancellationToken.None);
        }
    }

    private static JsonObject Content(string text) => new() { ["spec"] = new JsonObject { ["content"] = text } };
}
