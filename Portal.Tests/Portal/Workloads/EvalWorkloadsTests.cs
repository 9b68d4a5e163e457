using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;

namespace Portal.Tests.Portal.Workloads;

/// <summary>Evaluations as processes of this machine, from the manifests alone to the result in the status.</summary>
[Collection(PortalCollection.Name)]
public sealed class EvalWorkloadsTests(PortalFixture fixture)
{
    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _name = "eval-" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task Eval_OnDemand_RunsToAResultAndAgainAfterAnEdit()
    {
        await ApplyAsync(Dataset.Definition, new JsonObject
        {
            ["format"] = "json",
            ["source"] = new JsonObject { ["inline"] = JsonNode.Parse("""[{"input": {"name": "Ada"}, "reference": "Ada"}, {"input": {"name": "Bob"}, "reference": "Zoe"}]""") },
        });
        await ApplyAsync(Eval.Definition, EvalSpec("contains", schedule: null));
        await ApplyFlowAsync();

        var eval = await UntilAsync(item => item?.Json["status"]?["lastRunResult"] is not null && item.Json["status"]?["lastRunTime"] is not null);

        Assert.True(eval!.FindCondition("Ready")!.IsTrue, eval.Json.ToJsonString());
        Assert.Null(eval.Json["status"]!["activeJob"]);
        Assert.Contains("\"passRate\":0.5", eval.Json["status"]!["lastRunResult"]!.ToJsonString(), StringComparison.Ordinal);
        var pods = await _portal.Client.Resource(BuiltIn.Pod).ListAsync("demo", new ListOptions { LabelSelector = $"genkit.dev/eval={_name}" }, CancellationToken.None);
        Assert.Contains(pods.Items, pod => pod.Json["status"]?["phase"]?.ToString() == "Succeeded");

        await _portal.Client.Resource<Eval>().MergePatchAsync(
            "demo", _name, JsonNode.Parse("""{"spec":{"metrics":["latency"]}}""")!.AsObject(), null, null, CancellationToken.None);
        await UntilAsync(item => item?.Json["status"]?["lastRunResult"]?.ToJsonString().Contains("/evaluator/latency", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Eval_OnASchedule_RunsToAResult()
    {
        await ApplyFlowAsync();
        await ApplyAsync(Dataset.Definition, new JsonObject { ["format"] = "csv", ["source"] = new JsonObject { ["inline"] = "name,reference\nAda,Ada\n" } });
        await ApplyAsync(Eval.Definition, EvalSpec("contains", schedule: "@every 1s"));

        var eval = await UntilAsync(item => item?.Json["status"]?["lastRunTime"] is not null && item.Json["status"]?["lastRunResult"] is not null);

        Assert.Contains("\"passRate\":1", eval!.Json["status"]!["lastRunResult"]!.ToJsonString(), StringComparison.Ordinal);
        await _portal.Client.Resource<Eval>().DeleteAsync("demo", _name, null, CancellationToken.None);
        await _portal.WaitForAsync(BuiltIn.CronJob, "demo", _name, cronJob => cronJob is null);
    }

    [Fact]
    public async Task Eval_CannotRun_SaysWhyInTheStatus()
    {
        await ApplyFlowAsync();
        await ApplyAsync(Dataset.Definition, new JsonObject { ["format"] = "json", ["source"] = new JsonObject { ["inline"] = JsonNode.Parse("""[{"input": {}}]""") } });
        var spec = EvalSpec("no_such_metric", schedule: null);
        await ApplyAsync(Eval.Definition, spec);
        var job = await _portal.WaitForAsync(BuiltIn.Job, "demo", $"{_name}-run", item => item is not null);
        await _portal.Client.Resource(BuiltIn.Job).MergePatchAsync(
            "demo", job!.Name, JsonNode.Parse("""{"spec":{"backoffLimit":0}}""")!.AsObject(), null, null, CancellationToken.None);

        var eval = await UntilAsync(item => item?.FindCondition("Ready")?.Reason == "RunFailed");

        Assert.Contains("no_such_metric", eval!.FindCondition("Ready")!.Message, StringComparison.Ordinal);
        Assert.Null(eval.Json["status"]!["activeJob"]);
    }

    private JsonObject EvalSpec(string metric, string? schedule)
    {
        var spec = new JsonObject
        {
            ["flowRef"] = new JsonObject { ["name"] = _name },
            ["datasetRef"] = new JsonObject { ["name"] = _name },
            ["metrics"] = new JsonArray(metric),
            ["concurrency"] = 2,
            ["runnerImage"] = "genkit-portal/runner",
            ["outputSink"] = new JsonObject { ["configMap"] = new JsonObject { ["name"] = $"{_name}-results", ["key"] = "result.json" } },
        };
        if (schedule is not null)
        {
            spec["schedule"] = schedule;
        }

        return spec;
    }

    private Task ApplyFlowAsync() => ApplyAsync(Flow.Definition, new JsonObject
    {
        ["image"] = "genkit-portal/runner",
        ["modelRef"] = new JsonObject { ["name"] = "echo-stream" },
        ["prompts"] = new JsonArray(new JsonObject { ["prompt"] = new JsonObject { ["name"] = "greet", ["content"] = "---\nconfig:\n  delayMs: 0\n---\nGreet {{name}}" } }),
    });

    private Task ApplyAsync(ResourceDefinition kind, JsonObject spec) => _portal.Client.Resource(kind).CreateAsync(new KubeObject(new JsonObject
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Kind,
        ["metadata"] = new JsonObject { ["name"] = _name, ["namespace"] = "demo" },
        ["spec"] = spec,
    }), null, CancellationToken.None);

    private Task<KubeObject?> UntilAsync(Func<KubeObject?, bool> condition) => _portal.WaitForAsync(Eval.Definition, "demo", _name, condition);
}
