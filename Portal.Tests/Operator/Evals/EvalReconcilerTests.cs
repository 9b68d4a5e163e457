namespace Portal.Tests.Operator.Evals;

/// <summary>Evals against an API server. Nothing plays Job controller but the test.</summary>
public class EvalReconcilerTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string Dataset = """
        kind: Dataset
        metadata: {name: d}
        spec: {format: json, source: {inline: [{input: {name: Ada}, reference: hi}]}}
        """;

    private const string Flow = """
        kind: Flow
        metadata: {name: ef}
        spec: {image: x, port: 9999}
        """;

    private const string ConfigMapSink = "configMap: {name: results, key: result.json}";

    [Fact]
    public async Task Reconcile_WithoutASchedule_RunsOnceAndReadsTheResultBack()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Eval(ConfigMapSink));
        await space.UntilReadyIsAsync("Eval", "e", "False", "flow \"ef\" not found");
        await space.ApplyAsync(Flow);
        await space.UntilReadyIsAsync("Eval", "e", "False", "dataset \"d\" not found");
        await space.ApplyAsync(Dataset);

        var eval = await space.UntilReadyIsAsync("Eval", "e", "True", "eval workload reconciled");
        Assert.Equal("e-run", (string?)eval.Json["status"]!["activeJob"]);
        var job = (await space.GetAsync("Job", "e-run")).Json["spec"]!;
        Assert.Equal((2, "Never"), ((int?)job["parallelism"], (string?)job["template"]!["spec"]!["restartPolicy"]));
        var container = job["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal(
            [
                ("EVAL_FLOW_URL", $"http://ef.{space.Name}.svc:9999"), ("EVAL_DATASET_NAME", "d"), ("EVAL_DATASET_FORMAT", "json"), ("EVAL_METRICS", "correctness,latency"),
                ("EVAL_SINK_KIND", "configmap"), ("EVAL_SINK_NAME", "results"), ("EVAL_SINK_KEY", "result.json"),
                ("EVAL_NAME", "e"), ("EVAL_FLOW_NAME", "ef"), ("EVAL_CONCURRENCY", "2"),
            ],
            container["env"]!.AsArray().Select(variable => ((string)variable!["name"]!, (string)variable["value"]!)));
        Assert.Equal(("runner", "eval:1"), ((string?)container["name"], (string?)container["image"]));
        Assert.Equal("""[{"input":{"name":"Ada"},"reference":"hi"}]""", (string?)(await space.DataAsync("e-dataset"))["data.json"]);
        Assert.Equal("results", (string?)(await space.GetAsync("Role", "e-eval")).Json["rules"]![0]!["resourceNames"]![0]);
        Assert.Equal("e-eval", (string?)job["template"]!["spec"]!["serviceAccountName"]);

        await space.ApplyAsync("""
            kind: ConfigMap
            metadata: {name: results}
            data: {result.json: '{"averageScore": 0.5}'}
            """);
        await CompleteAsync(space, "e-run");

        var done = await space.UntilAsync("Eval", "e", item => item.Json["status"]?["lastRunTime"] is not null);
        Assert.Null(done.Json["status"]!["activeJob"]);
        Assert.Equal("2026-01-02T03:04:05Z", (string?)done.Json["status"]!["lastRunTime"]);
        Assert.Equal(0.5, (double?)done.Json["status"]!["lastRunResult"]!["averageScore"]);
    }

    [Fact]
    public async Task Reconcile_ScheduleComesAndGoes_LeavesOneWorkload()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Flow + "\n---\n" + Dataset + "\n---\n" + Eval("s3: {bucket: b, prefix: p/, credentialsRef: {name: aws}}", ", schedule: '0 2 * * *'"));

        var cronJob = await space.UntilAsync("CronJob", "e", item => item.Json["spec"] is not null);
        Assert.Equal(("0 2 * * *", "Forbid"), ((string?)cronJob.Json["spec"]!["schedule"], (string?)cronJob.Json["spec"]!["concurrencyPolicy"]));
        var container = cronJob.Json["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Contains("""{"name":"EVAL_SINK_BUCKET","value":"b"}""", container["env"]!.AsArray().Select(variable => variable!.ToJsonString()));
        Assert.Equal("aws", (string?)Assert.Single(container["envFrom"]!.AsArray())!["secretRef"]!["name"]);
        Assert.Null(await space.FindAsync("Job", "e-run"));

        await space.PatchAsync("Eval", "e", """{"spec":{"schedule":null}}""");
        await space.UntilGoneAsync("CronJob", "e");
        await space.UntilAsync("Job", "e-run", _ => true);

        await space.PatchAsync("Eval", "e", """{"spec":{"schedule":"@daily"}}""");
        await space.UntilGoneAsync("Job", "e-run");
        await space.UntilAsync("CronJob", "e", _ => true);
    }

    [Fact]
    public async Task Reconcile_AScheduledRunEnds_ShowsInTheStatus()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Flow + "\n---\n" + Dataset + "\n---\n" + Eval(ConfigMapSink, ", schedule: '0 2 * * *'"));
        var cronJob = await space.UntilAsync("CronJob", "e", item => item.Uid.Length > 0);

        await space.ApplyAsync($$"""
            kind: Job
            metadata:
              name: e-29000000
              labels: {genkit.dev/eval: e}
              ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: e, uid: {{cronJob.Uid}}, controller: true}]
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: r, image: x}]} } }
            """);
        await space.UntilAsync("Eval", "e", eval => (string?)eval.Json["status"]?["activeJob"] == "e-29000000");
        await CompleteAsync(space, "e-29000000");

        var eval = await space.UntilAsync("Eval", "e", item => item.Json["status"]?["lastRunTime"] is not null);
        Assert.Null(eval.Json["status"]!["activeJob"]);
    }

    [Theory]
    [InlineData("configMap: {name: r, key: k}, s3: {bucket: b, credentialsRef: {name: x}}", "", "spec.outputSink must set exactly one of configMap or s3")]
    [InlineData("", "", "spec.outputSink must set exactly one of configMap or s3")]
    [InlineData(ConfigMapSink, ", schedule: 'often'", "spec.schedule \"often\" is not a cron schedule: it has 1 fields; give five: minute, hour, day of month, month, day of week")]
    public async Task Reconcile_BadSpec_IsToldAndMakesNothing(string sink, string more, string message)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Flow + "\n---\n" + Dataset + "\n---\n" + Eval(sink, more));

        var eval = await space.UntilReadyIsAsync("Eval", "e", "False", message);

        Assert.Equal("InvalidSpec", eval.FindCondition("Ready")!.Reason);
        Assert.Empty(await space.ListAsync("Job"));
        Assert.Empty(await space.ListAsync("CronJob"));
    }

    [Fact]
    public async Task Reconcile_ResultIntoWhatPodsRead_IsRefusedAndTheRightToWriteItIsTakenAway()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Flow + "\n---\n" + Dataset + "\n---\n" + Eval("configMap: {name: theirs, key: config.json}", ", schedule: '0 2 * * *'"));
        await space.UntilAsync("CronJob", "e", item => item.Uid.Length > 0);
        Assert.Single((JsonArray)(await space.GetAsync("Role", "e-eval")).Json["rules"]!);

        await space.ApplyAsync("kind: ConfigMap\nmetadata: {name: theirs, labels: {app.kubernetes.io/managed-by: genkit-operator}}");

        await space.UntilReadyIsAsync("Eval", "e", "False", "spec.outputSink.configMap.name \"theirs\" belongs to another object, which reads it; name a ConfigMap of its own for results");
        await space.UntilAsync("Role", "e-eval", role => role.Json["rules"] is null or JsonArray { Count: 0 });
        await space.UntilAsync("CronJob", "e", item => item.Json["spec"]?["suspend"]?.GetValue<bool>() == true);
    }

    private static async Task CompleteAsync(TestNamespace space, string job) => await space.PatchAsync("Job", job, """
        {"status": {
          "startTime": "2026-01-02T03:00:00Z", "completionTime": "2026-01-02T03:04:05Z", "succeeded": 1,
          "conditions": [{"type": "Complete", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": "2026-01-02T03:04:05Z"}]
        }}
        """, "status");

    private static string Eval(string sink, string more = "") => $$"""
        kind: Eval
        metadata: {name: e}
        spec: {flowRef: {name: ef}, datasetRef: {name: d}, metrics: [correctness, latency], concurrency: 2, runnerImage: 'eval:1', outputSink: { {{sink}} }{{more}} }
        """;
}
