
namespace Portal.Tests.Operator.Compatibility;

/// <summary>Checks 20 and 21, and B8: an Eval as a Job and as a CronJob. The test plays Job controller.</summary>
public class EvalChecks(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string World = """
        kind: Dataset
        metadata: {name: d}
        spec: {format: json, source: {inline: [{input: {name: Ada}, reference: hi}]}}
        ---
        kind: Flow
        metadata: {name: ef}
        spec: {image: x, port: 9999}
        """;

    private const string Sink = "configMap: {name: results, key: result.json}";
    private const string Ready = "eval workload reconciled";

    [Fact]
    public async Task Check20_WithoutASchedule_IsAJobWhoseResultIsReadBack()
    {
        var space = await EvalAsync(Sink);
        Assert.Equal("e-run", (string?)(await space.UntilReadyIsAsync("Eval", "e", "True", Ready)).Json["status"]!["activeJob"]);
        var job = await space.GetAsync("Job", "e-run");
        var pod = job.Json["spec"]!["template"]!["spec"]!;
        var container = Assert.Single(pod["containers"]!.AsArray())!;
        Assert.Equal((3, "Never", "runner", "eval:1"), ((int?)job.Json["spec"]!["parallelism"], (string?)pod["restartPolicy"], (string?)container["name"], (string?)container["image"]));
        Assert.Equal(("genkit-operator", "e"), (job.Labels["app.kubernetes.io/managed-by"], job.Labels["genkit.dev/eval"]));
        Assert.Equal(
            [
                $"EVAL_FLOW_URL=http://ef.{space.Name}.svc:9999", "EVAL_DATASET_NAME=d", "EVAL_DATASET_FORMAT=json", "EVAL_METRICS=correctness,latency",
                "EVAL_SINK_KIND=configmap", "EVAL_SINK_NAME=results", "EVAL_SINK_KEY=result.json",
            ],
            Variables(container).Take(7));

        await space.ApplyAsync("""
            kind: ConfigMap
            metadata: {name: results}
            data: {result.json: '{"averageScore": 0.5}'}
            """);
        await FinishAsync(space, "Complete");

        var done = await space.UntilAsync("Eval", "e", item => item.Json["status"]?["lastRunTime"] is not null && item.Json["status"]!["lastRunResult"] is not null);
        Assert.Equal("2026-01-02T03:04:05Z", (string?)done.Json["status"]!["lastRunTime"]);
        Assert.Null(done.Json["status"]!["activeJob"]);
        Assert.Equal("""{"averageScore":0.5}""", done.Json["status"]!["lastRunResult"]!.ToJsonString());
    }

    [Fact]
    public async Task Check21_WithASchedule_IsACronJobWithItsSink()
    {
        var space = await EvalAsync("s3: {bucket: b, prefix: runs/, credentialsRef: {name: aws}}", ", schedule: '0 2 * * *'");

        var spec = (await space.UntilAsync("CronJob", "e", _ => true)).Json["spec"]!;

        var container = spec["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal("0 2 * * *", (string?)spec["schedule"]);
        Assert.Contains($"EVAL_FLOW_URL=http://ef.{space.Name}.svc:9999", Variables(container));
        Assert.Equal(["EVAL_SINK_KIND=s3", "EVAL_SINK_BUCKET=b", "EVAL_SINK_PREFIX=runs/"], Variables(container).Where(variable => variable.StartsWith("EVAL_SINK", StringComparison.Ordinal)));
        Assert.Equal("aws", (string?)Assert.Single(container["envFrom"]!.AsArray())!["secretRef"]!["name"]);
    }

    [Fact]
    public async Task Check21_TwoSinks_AreInvalid()
    {
        var space = await EvalAsync($"{Sink}, s3: {{bucket: b, credentialsRef: {{name: aws}}}}");

        var eval = await space.UntilReadyIsAsync("Eval", "e", "False", "spec.outputSink must set exactly one of configMap or s3");

        Assert.Equal("InvalidSpec", eval.FindCondition("Ready")!.Reason);
    }

    [Fact]
    public async Task CheckB08_FailedJob_IsToldAndIsNotActive()
    {
        var space = await EvalAsync(Sink);
        await space.UntilReadyIsAsync("Eval", "e", "True", Ready);

        await FinishAsync(space, "Failed");

        var eval = await space.UntilReadyIsAsync("Eval", "e", "False", "job \"e-run\" failed: it did not work");
        Assert.Null(eval.Json["status"]!["activeJob"]);
    }

    [Theory]
    [InlineData("Eval", "e", """{"spec":{"metrics":["latency"]}}""")]
    [InlineData("Dataset", "d", """{"spec":{"source":{"inline":[{"input":1}]}}}""")]
    [InlineData("ConfigMap", "samples", """{"data":{"data.json":"[{\"input\":2}]"}}""")]
    public async Task CheckB08_EvalOrSamplesChange_RunsAgain(string kind, string name, string change)
    {
        var space = await EvalAsync(Sink, samples: kind == "ConfigMap" ? "configMapRef: {name: samples}" : "inline: [{input: 0}]");
        var first = await space.UntilAsync("Job", "e-run", _ => true);
        await FinishAsync(space, "Complete");
        await space.UntilAsync("Eval", "e", item => item.Json["status"]?["lastRunTime"] is not null);

        await space.PatchAsync(kind, name, change);

        await space.UntilAsync("Job", "e-run", job => job.Uid != first.Uid);
        await space.UntilAsync("Eval", "e", item => (string?)item.Json["status"]?["activeJob"] == "e-run");
    }

    [Fact]
    public async Task CheckB08_FlowChanges_RunsAgainOnceTheNewRevisionServes()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World);
        await ServeAsync(space, generation: 1);
        await space.ApplyAsync(Eval(Sink));
        var first = await space.UntilAsync("Job", "e-run", job => job.Annotations.GetValueOrDefault("genkit.dev/flow-content-hash") is { Length: > 0 });

        await space.PatchAsync("Flow", "ef", """{"spec":{"prompts":[{"prompt":{"name":"p","content":"new"}}]}}""");
        await space.UntilAsync("Flow", "ef", flow => flow.FindCondition("Ready") is { IsTrue: false });
        Assert.Equal(first.Uid, (await space.GetAsync("Job", "e-run")).Uid);
        await ServeAsync(space, generation: 2);

        await space.UntilAsync("Job", "e-run", job => job.Uid != first.Uid);
    }

    private async Task<TestNamespace> EvalAsync(string sink, string more = "", string samples = "inline: [{input: {name: Ada}, reference: hi}]")
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: ConfigMap\nmetadata: {name: samples}\ndata: {data.json: '[{\"input\": 1}]'}");
        await space.ApplyAsync(World);
        await space.ApplyAsync($"kind: Dataset\nmetadata: {{name: d}}\nspec: {{format: json, source: {{{samples}}}}}");
        await space.UntilAsync("Dataset", "d", item => item.FindCondition("Ready") is { IsTrue: true } ready && ready.ObservedGeneration == item.Generation);
        await space.ApplyAsync(Eval(sink, more));
        return space;
    }

    private static async Task ServeAsync(TestNamespace space, long generation)
    {
        await space.UntilAsync("Deployment", "ef", deployment => deployment.Generation == generation);
        await space.SetReplicasAsync("ef", 1, 1);
        await space.UntilReadyIsAsync("Flow", "ef", "True", "1/1 replicas available");
    }

    private static async Task FinishAsync(TestNamespace space, string type) => await space.PatchAsync("Job", "e-run", new JsonObject
    {
        ["status"] = new JsonObject
        {
            ["startTime"] = "2026-01-02T03:00:00Z",
            ["completionTime"] = type == "Complete" ? "2026-01-02T03:04:05Z" : null,
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = type, ["status"] = "True", ["reason"] = "R", ["message"] = "it did not work", ["lastTransitionTime"] = "2026-01-02T03:04:05Z" }),
        },
    }.ToJsonString(), "status");

    private static IEnumerable<string> Variables(JsonNode container) => container["env"]!.AsArray().Select(variable => $"{variable!["name"]}={variable["value"]}");

    private static string Eval(string sink, string more = "") => $$"""
        kind: Eval
        metadata: {name: e}
        spec: {flowRef: {name: ef}, datasetRef: {name: d}, metrics: [correctness, latency], concurrency: 3, runnerImage: 'eval:1', outputSink: { {{sink}} }{{more}} }
        """;
}
