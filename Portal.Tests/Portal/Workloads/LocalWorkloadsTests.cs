using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.Embedded.Workloads;
using Portal.Features.Flows;
using Portal.Features.Flows.Logs;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Operator.Tools;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Workloads;

[Collection(PortalCollection.Name)]
public sealed class LocalWorkloadsTests(PortalFixture fixture)
{
    private readonly RunningPortal _portal = fixture.Portal;

    [Fact]
    public async Task Process_Killed_IsRestartedAndTheCrashIsTold()
    {
        var name = await FlowAsync(replicas: 1);
        var pod = await SinglePodAsync(name);
        var pid = PidFile.Read(PodDirectory.Of(Path.Combine(_portal.DataDirectory, "flows"), "demo", pod.Name).PidFile)!;

        Process.GetProcessById(pid.Pid).Kill();

        var restarted = await _portal.WaitForAsync(BuiltIn.Pod, "demo", pod.Name, item =>
            item?.FindCondition("Ready")?.IsTrue == true && item.Json["status"]?["containerStatuses"]?[0]?["restartCount"]?.ToString() == "1");
        Assert.Equal("137", restarted!.Json["status"]!["containerStatuses"]![0]!["lastState"]!["terminated"]!["exitCode"]!.ToString());
        await AnswersAsync(name, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Pod_Deleted_IsReplaced()
    {
        var name = await FlowAsync(replicas: 1);
        var pod = await SinglePodAsync(name);

        await _portal.Client.Resource(BuiltIn.Pod).DeleteAsync("demo", pod.Name, null, CancellationToken.None);

        await _portal.WaitForAsync(BuiltIn.Pod, "demo", pod.Name, item => item is null);
        await WaitForPodAsync(name, item => item.Name != pod.Name && item.FindCondition("Ready")?.IsTrue == true);
    }

    [Fact]
    public async Task Flow_Scaled_RunsThatManyProcessesAndNoneAtZero()
    {
        var name = await FlowAsync(replicas: 2);
        Assert.Equal(2, EndpointsOf(name));

        await ScaleAsync(name, 0);

        await _portal.WaitForAsync(BuiltIn.Deployment, "demo", name, item => item?.Json["status"]?["replicas"]?.ToString() == "0");
        await AnswersAsync(name, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(0, EndpointsOf(name));
        await ScaleAsync(name, 1);
        await AnswersAsync(name, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Flow_RolledUnderCalls_LosesNone()
    {
        var name = await FlowAsync(replicas: 1);
        var generation = (await SinglePodAsync(name)).Name;
        using var stop = new CancellationTokenSource();
        var calls = Task.Run(async () =>
        {
            var statuses = new List<HttpStatusCode>();
            while (!stop.IsCancellationRequested)
            {
                using var response = await CallAsync(name);
                statuses.Add(response.StatusCode);
            }

            return statuses;
        });

        var patch = new JsonObject { ["spec"] = new JsonObject { ["env"] = new JsonArray(new JsonObject { ["name"] = "A", ["value"] = "2" }) } };
        await _portal.Client.Resource<Flow>().MergePatchAsync("demo", name, patch, null, null, CancellationToken.None);
        await _portal.WaitForAsync(BuiltIn.Pod, "demo", generation, pod => pod is null);
        await _portal.WaitForReadyFlowAsync("demo", name);
        await stop.CancelAsync();

        Assert.All(await calls, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Fact]
    public async Task Deployment_PausedByHand_HoldsTheRolloutUntilItIsResumed()
    {
        var name = await FlowAsync(replicas: 1);
        var pod = (await SinglePodAsync(name)).Name;
        await PauseAsync(true);
        var env = new JsonArray(new JsonObject { ["name"] = "A", ["value"] = "2" });
        await _portal.Client.Resource<Flow>().MergePatchAsync("demo", name, new JsonObject { ["spec"] = new JsonObject { ["env"] = env } }, null, null, CancellationToken.None);

        await _portal.WaitForAsync(BuiltIn.Deployment, "demo", name, item => item!.Generation == 3 && item.FindCondition("Progressing")?.Reason == "DeploymentPaused");
        Assert.Equal(pod, (await SinglePodAsync(name)).Name);
        await PauseAsync(false);

        await _portal.WaitForAsync(BuiltIn.Pod, "demo", pod, item => item is null);
        await _portal.WaitForReadyFlowAsync("demo", name);

        Task PauseAsync(bool paused) => _portal.Client.Resource(BuiltIn.Deployment)
            .MergePatchAsync("demo", name, new JsonObject { ["spec"] = new JsonObject { ["paused"] = paused } }, null, new WriteOptions { Manager = new FieldManager("kubectl") }, CancellationToken.None);
    }

    [Fact]
    public async Task Flow_RollsOutSomethingThatDies_ServesOnSaysSoWithinTheDeadlineAndHeals()
    {
        var name = await FlowAsync(replicas: 1);
        await PatchAsync(new() { ["progressDeadlineSeconds"] = 2, ["env"] = new JsonArray(new JsonObject { ["name"] = "GENKIT_MAX_BODY_BYTES", ["value"] = "nonsense" }) });

        var stuck = (await _portal.WaitForAsync(Flow.Definition, "demo", name, flow => flow?.FindCondition("Degraded")?.IsTrue == true))!;
        Assert.Equal(
            ["Ready False ProgressDeadlineExceeded", "Progressing False ProgressDeadlineExceeded", "Degraded True ProgressDeadlineExceeded", "Serving True ReplicasAvailable"],
            new[] { "Ready", "Progressing", "Degraded", "Serving" }.Select(stuck.FindCondition).Select(condition => $"{condition!.Type} {condition.Status} {condition.Reason}"));
        Assert.Contains("GENKIT_MAX_BODY_BYTES", stuck.FindCondition("Degraded")!.Message, StringComparison.Ordinal);
        await AnswersAsync(name, HttpStatusCode.OK);

        await PatchAsync(new() { ["env"] = null });

        var healed = (await _portal.WaitForReadyFlowAsync("demo", name))!;
        Assert.Equal("False", healed.FindCondition("Degraded")!.Status);
        await AnswersAsync(name, HttpStatusCode.OK);

        Task PatchAsync(JsonObject spec) => _portal.Client.Resource<Flow>().MergePatchAsync("demo", name, new JsonObject { ["spec"] = spec }, null, null, CancellationToken.None);
    }

    [Fact]
    public async Task Flow_WithoutItsSecretKeyVariable_WaitsWithTheReasonAndHeals()
    {
        var name = NewName();
        var variable = new JsonObject { ["name"] = "TOKEN", ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = name, ["key"] = "token" } } };
        await ApplyFlowAsync(name, 1, variable);

        var pod = await WaitForPodAsync(name, item => item.Json["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"]?.ToString() == "CreateContainerConfigError");
        Assert.Equal($"secret \"{name}\" not found", pod.Json["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["message"]!.ToString());
        await _portal.Informers.Get<Flow>().UntilAsync(store => store.Find("demo", name) is { } flow &&
            FlowVerdict.Of(flow, [pod], []).Sentence.Contains($"secret \"{name}\" not found", StringComparison.Ordinal));

        await _portal.Client.Resource(BuiltIn.Secret).CreateAsync(new KubeObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "demo" },
            ["stringData"] = new JsonObject { ["token"] = "t0p-s3cret-value" },
        }), null, CancellationToken.None);

        await _portal.WaitForReadyFlowAsync("demo", name);
        var ready = await SinglePodAsync(name);
        Assert.DoesNotContain("t0p-s3cret-value", ready.Json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flow_WithAnotherAsItsTool_CallsItsProcess()
    {
        var other = await FlowAsync(replicas: 1);
        var name = NewName();
        await CreateAsync("Tool", Tool.Definition.ApiVersion, name, $$$"""
            {"definition": {"name": "ask-support", "description": "Asks support.", "inputSchema": {"type": "object",
              "properties": {"customer_name": {"type": "string"}, "question": {"type": "string"}}, "required": ["customer_name", "question"]}},
             "implementation": {"flowRef": {"name": "{{{other}}}"} } }
            """);
        await CreateAsync("Flow", Flow.Definition.ApiVersion, name, $$$"""
            {"image": "genkit-portal/runner", "modelRef": {"name": "echo-stream"}, "tools": [{"name": "{{{name}}}"}],
             "prompts": [{"prompt": {"name": "front", "content": "---\ntools: [ask-support]\n---\nPlease ask-support."}}]}
            """);
        await _portal.WaitForReadyFlowAsync("demo", name);
        await AnswersAsync(name, HttpStatusCode.OK);

        using var response = await CallAsync(name);

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("The tool ask-support answered: \"[demo]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deployment_OfSomethingElse_WaitsWithTheReason()
    {
        var name = NewName();
        var labels = new JsonObject { ["app"] = name };
        await _portal.Client.Resource(BuiltIn.Deployment).CreateAsync(new KubeObject(new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "Deployment",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "demo" },
            ["spec"] = new JsonObject
            {
                ["selector"] = new JsonObject { ["matchLabels"] = labels },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = "nginx" }) },
                },
            },
        }), null, CancellationToken.None);

        var pod = await WaitForPodAsync(name, item => item.Json["status"]?["containerStatuses"] is not null, label: "app");

        var waiting = pod.Json["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!;
        Assert.Equal("UnsupportedWorkload", waiting["reason"]!.ToString());
        Assert.Contains("only genkit flows", waiting["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_OfAPod_IsServedByTheApiServer()
    {
        var name = await FlowAsync(replicas: 1);
        var pod = await SinglePodAsync(name);
        using var reader = _portal.Services.GetRequiredService<PodLogReader>();

        await using var lines = reader.FollowAsync(new LogRequest("demo", pod.Name, Tail: 10), CancellationToken.None).GetAsyncEnumerator();

        Assert.True(await lines.MoveNextAsync().AsTask().WaitAsync(RunningPortal.Patience));
        Assert.StartsWith("Listening on http://127.0.0.1:", Assert.IsType<LogPiece.Line>(lines.Current).Text, StringComparison.Ordinal);
    }

    private static string NewName() => "local-" + Guid.NewGuid().ToString("N")[..8];

    private async Task<string> FlowAsync(int replicas)
    {
        var name = NewName();
        await ApplyFlowAsync(name, replicas, new JsonObject { ["name"] = "A", ["value"] = "1" });
        await _portal.WaitForReadyFlowAsync("demo", name);
        await _portal.WaitForAsync(BuiltIn.Deployment, "demo", name, item => item?.Json["status"]?["readyReplicas"]?.ToString() == $"{replicas}");
        return name;
    }

    private Task ApplyFlowAsync(string name, int replicas, JsonObject variable) => _portal.Client.Resource<Flow>().CreateAsync(new KubeObject(new JsonObject
    {
        ["apiVersion"] = Flow.Definition.ApiVersion,
        ["kind"] = "Flow",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "demo" },
        ["spec"] = new JsonObject
        {
            ["image"] = "genkit-portal/runner",
            ["replicas"] = replicas,
            ["env"] = new JsonArray(variable),
            ["modelRef"] = new JsonObject { ["name"] = "echo-stream" },
            ["prompts"] = new JsonArray(new JsonObject { ["promptRef"] = new JsonObject { ["name"] = "support-reply" } }),
        },
    }), null, CancellationToken.None);

    private Task CreateAsync(string kind, string apiVersion, string name, string spec)
    {
        var item = new KubeObject(new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "demo" },
            ["spec"] = JsonNode.Parse(spec),
        });
        return kind == "Tool"
            ? _portal.Client.Resource<Tool>().CreateAsync(item, null, CancellationToken.None)
            : _portal.Client.Resource<Flow>().CreateAsync(item, null, CancellationToken.None);
    }

    private Task ScaleAsync(string name, int replicas) => _portal.Client.Resource<Flow>().MergePatchAsync(
        "demo", name, new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } }, null, null, CancellationToken.None);

    private Task<HttpResponseMessage> CallAsync(string name) => _portal.CallAsync($"/flows/demo/{name}", new { customer_name = "Ada", question = "?" });

    // Endpoints follow pods a moment later, as they do on any cluster.
    private async Task AnswersAsync(string name, HttpStatusCode expected)
    {
        using var timeout = new CancellationTokenSource(RunningPortal.Patience);
        while ((await CallAsync(name)).StatusCode != expected)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
    }

    private int EndpointsOf(string name) =>
        _portal.Informers.Get(BuiltIn.EndpointSlice).Store.List("demo").Count(slice => slice.Labels.GetValueOrDefault(LocalNode.ServiceNameLabel) == name);

    private async Task<KubeObject> SinglePodAsync(string flow) =>
        Assert.Single((await _portal.Client.Resource(BuiltIn.Pod).ListAsync("demo", new ListOptions { LabelSelector = $"genkit.dev/flow={flow}" }, CancellationToken.None)).Items);

    private async Task<KubeObject> WaitForPodAsync(string flow, Func<KubeObject, bool> condition, string label = "genkit.dev/flow")
    {
        var found = new TaskCompletionSource<KubeObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = _portal.Informers.Get(BuiltIn.Pod).Subscribe(change =>
        {
            if (change.After is { } pod && pod.Labels.GetValueOrDefault(label) == flow && condition(pod))
            {
                found.TrySetResult(pod);
            }
        });
        return await found.Task.WaitAsync(RunningPortal.Patience);
    }
}
