using Portal.Kubernetes.Objects;

namespace Portal.Tests.Operator.Evals;

/// <summary>What an Eval leaves behind when it changes. Nothing plays Job controller.</summary>
public class EvalLeftoversTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string World = """
        kind: Dataset
        metadata: {name: d}
        spec: {format: json, source: {inline: [{input: a}]}}
        ---
        kind: Flow
        metadata: {name: f}
        spec: {image: x}
        """;

    private const string Sink = "configMap: {name: results, key: k}";

    [Fact]
    public async Task Reconcile_ScheduleBecomesInvalid_StopsTheOldOneUntilItIsMended()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World + "\n---\n" + Eval(Sink, ", schedule: '0 2 * * *'"));
        await space.UntilAsync("CronJob", "e", _ => true);

        await space.PatchAsync("Eval", "e", """{"spec":{"schedule":"often"}}""");
        var stopped = await space.UntilAsync("CronJob", "e", IsSuspended);
        Assert.Equal("0 2 * * *", (string?)stopped.Json["spec"]!["schedule"]);

        await space.PatchAsync("Eval", "e", """{"spec":{"schedule":"0 3 * * *"}}""");
        await space.UntilAsync("CronJob", "e", cronJob => !IsSuspended(cronJob) && (string?)cronJob.Json["spec"]!["schedule"] == "0 3 * * *");
    }

    [Fact]
    public async Task Reconcile_ScheduleSuspendedBySomebody_StaysSo()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World + "\n---\n" + Eval(Sink, ", schedule: '0 2 * * *'"));
        await space.UntilAsync("CronJob", "e", _ => true);
        await space.PatchAsync("CronJob", "e", """{"spec":{"suspend":true}}""");

        await space.PatchAsync("Eval", "e", """{"spec":{"schedule":"0 3 * * *"}}""");

        Assert.True(IsSuspended(await space.UntilAsync("CronJob", "e", cronJob => (string?)cronJob.Json["spec"]!["schedule"] == "0 3 * * *")));
    }

    [Fact]
    public async Task Reconcile_SamplesMoveToAConfigMap_TheirCopyGoes()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World + "\n---\n" + Eval(Sink));
        await space.UntilAsync("ConfigMap", "e-dataset", _ => true);
        await space.PatchAsync("Dataset", "d", """{"spec":{"source":{"inline":[{"input":"b"}]}}}""");
        await space.UntilAsync("ConfigMap", "e-dataset", map => (string?)map.Json["data"]!["data.json"] == """[{"input":"b"}]""");

        await space.ApplyAsync("""
            kind: ConfigMap
            metadata: {name: samples}
            data: {data.json: '[{"input": "c"}]'}
            """);
        await space.PatchAsync("Dataset", "d", """{"spec":{"source":{"inline":null,"configMapRef":{"name":"samples"}}}}""");

        await space.UntilGoneAsync("ConfigMap", "e-dataset");
    }

    [Fact]
    public async Task Reconcile_ResultGoesElsewhere_TheAccountMayDoNothing()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(World + "\n---\n" + Eval(Sink));
        await space.UntilAsync("Role", "e-eval", role => role.Json["rules"]!.AsArray().Count == 1);

        await space.PatchAsync("Eval", "e", """{"spec":{"outputSink":{"configMap":null,"s3":{"bucket":"b","credentialsRef":{"name":"aws"}}}}}""");

        await space.UntilAsync("Role", "e-eval", role => role.Json["rules"] is null or JsonArray { Count: 0 });
    }

    private static bool IsSuspended(KubeObject cronJob) => (bool?)cronJob.Json["spec"]!["suspend"] == true;

    private static string Eval(string sink, string more = "") => $$"""
        kind: Eval
        metadata: {name: e}
        spec: {flowRef: {name: f}, datasetRef: {name: d}, metrics: [contains], runnerImage: 'eval:1', outputSink: { {{sink}} }{{more}} }
        """;
}
