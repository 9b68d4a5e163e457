using System.Net;
using Portal.ApiServer;
using Portal.Runner.Evaluation;
using Portal.Tests.ApiServer;
using Portal.Tests.ApiServer.Auth;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Evaluation;

/// <summary>Dataset and sink in ConfigMaps, over TLS, as a service account with the rights of an Eval's Role.</summary>
public sealed class ConfigMapTests : IAsyncLifetime
{
    private const string Rules = """
        [
          {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["rows", "empty"], "verbs": ["get"]},
          {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["result"], "verbs": ["get", "patch", "create"]}
        ]
        """;

    private readonly ContractFolder _account = new();
    private TestApi _api = null!;
    private RunningServer _flow = null!;

    public async Task InitializeAsync()
    {
        _api = await TestApi.StartAsync(new ApiServerOptions { SecurePort = 0 });
        await Rbac.GrantInAsync(_api, "default", "ServiceAccount/default/default", Rules);
        var answer = await _api.SendAsync(
            "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", new JsonObject { ["spec"] = new JsonObject() }, HttpStatusCode.Created);
        var authority = _api.Server.Kubeconfig!.Split("certificate-authority-data: ")[1].Split('\n')[0].Trim();
        _account.Write("token", (string)answer["status"]!["token"]!).Write("namespace", "default")
            .Write("ca.crt", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(authority)));
        _flow = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
    }

    public async Task DisposeAsync()
    {
        await _flow.DisposeAsync();
        await _api.DisposeAsync();
        _account.Dispose();
    }

    [Fact]
    public async Task Run_SinkIsAConfigMap_CreatesItAndThenSetsItsKeyOnly()
    {
        var job = Job().Set("EVAL_RUN_ID", "one");
        Assert.Equal((EvaluationExit.Done, ""), (await job.RunAsync(), job.Error));
        Assert.Equal("one", (string?)(await ResultAsync())["evalRunId"]);
        await _api.MergeAsync($"{TestApi.ConfigMaps}/result", JsonNode.Parse("""{"data":{"other":"stays","result.json":"somebody else's"}}""")!);

        Assert.Equal(EvaluationExit.Done, await Job().Set("EVAL_RUN_ID", "two").RunAsync());

        Assert.Equal("two", (string?)(await ResultAsync())["evalRunId"]);
        Assert.Equal("stays", (string?)(await _api.GetAsync($"{TestApi.ConfigMaps}/result"))["data"]!["other"]);
    }

    [Theory]
    [InlineData("data.json", null)]
    [InlineData("mine", "mine")]
    public async Task Run_DatasetIsAConfigMap_IsReadThroughTheApiServer(string key, string? asked)
    {
        await CreateAsync("rows", key, """{"name":"a"}""" + "\n" + """{"name":"b"}""");
        var job = Job().Unset("EVAL_DATASET_INLINE").Set("EVAL_DATASET_FORMAT", "jsonl").Set("EVAL_DATASET_CONFIGMAP", "rows").Set("EVAL_DATASET_KEY", asked ?? "");

        Assert.Equal((EvaluationExit.Done, ""), (await job.RunAsync(), job.Error));

        Assert.Equal(2, (int)(await ResultAsync())["counts"]!["answered"]!);
    }

    [Theory]
    [InlineData("rows", "there is no ConfigMap \"rows\" in namespace default")]
    [InlineData("empty", "it has no key data.csv or data.json (it has none at all)")]
    [InlineData("foreign", "may not get ConfigMap \"foreign\"")]
    public async Task Run_DatasetConfigMapIsWrong_SaysWhat(string name, string expected)
    {
        await _api.SendAsync("POST", TestApi.ConfigMaps, JsonNode.Parse("""{"metadata":{"name":"empty"}}"""), HttpStatusCode.Created);
        await CreateAsync("foreign", "data.csv", "a");
        var job = Job().Unset("EVAL_DATASET_INLINE").Set("EVAL_DATASET_FORMAT", "csv").Set("EVAL_DATASET_CONFIGMAP", name);

        Assert.Equal(EvaluationExit.DatasetUnreadable, await job.RunAsync());

        Assert.Contains(expected, job.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WrongToken_FailsAtTheSinkAndTellsNoToken()
    {
        _account.Write("token", "wrong.token.here");
        var job = Job();

        Assert.Equal(EvaluationExit.SinkFailed, await job.RunAsync());

        Assert.Contains("does not accept the service account's token", job.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong.token.here", job.Error + job.Output, StringComparison.Ordinal);
        Assert.Equal("completed", (string?)job.Result["status"]);
    }

    [Fact]
    public async Task Run_ServerOfAnotherAuthority_GetsNothing()
    {
        await using var other = await TestApi.StartAsync(new ApiServerOptions { SecurePort = 0 });
        var job = Job().Set("KUBERNETES_SERVICE_PORT", $"{other.Server.SecureAddress!.Port}");

        Assert.Equal(EvaluationExit.SinkFailed, await job.RunAsync());

        Assert.Contains("SSL", job.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Run_NoPod_IsKnownBeforeTheFirstRow()
    {
        var job = Job().Unset("KUBERNETES_SERVICE_HOST");

        Assert.Equal(EvaluationExit.BadConfiguration, await job.RunAsync());

        Assert.Contains("EVAL_SINK_KIND: a ConfigMap is to be read or written, and KUBERNETES_SERVICE_HOST", job.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ResultTooLargeForAConfigMap_LeavesRowsOutAndSaysSo()
    {
        var row = new JsonObject { ["name"] = new string('x', 20_000) }.ToJsonString();
        using var folder = new ContractFolder().Write("data.jsonl", string.Join('\n', Enumerable.Repeat(row, 100)));
        var job = Job().Unset("EVAL_DATASET_INLINE").Set("EVAL_DATASET_FORMAT", "jsonl").Set("EVAL_DATASET_FILE", folder.Root).Set("EVAL_CONCURRENCY", "8");

        Assert.Equal((EvaluationExit.Done, ""), (await job.RunAsync(), job.Error));

        var result = await ResultAsync();
        Assert.InRange(result.ToJsonString().Length, 700_000, 768 * 1024);
        Assert.Equal(100, (int)result["counts"]!["answered"]!);
        Assert.Equal(100, (int)result["truncated"]!["of"]!);
        Assert.Equal(result["results"]!.AsArray().Count, (int)result["truncated"]!["rows"]!);
        Assert.EndsWith("characters)", (string?)result["results"]![0]!["input"], StringComparison.Ordinal);
    }

    private EvalJob Job() => EvalJob.Of(new Uri(_flow.Server.Address, "/hello"), "latency", """[{"name":"x"}]""")
        .Set("EVAL_SINK_KIND", "configmap").Set("EVAL_SINK_NAME", "result").Set("EVAL_SINK_KEY", "result.json")
        .Set("KUBERNETES_SERVICE_HOST", _api.Server.SecureAddress!.Host).Set("KUBERNETES_SERVICE_PORT", $"{_api.Server.SecureAddress.Port}")
        .Set("GENKIT_SERVICE_ACCOUNT_DIR", _account.Root);

    private Task CreateAsync(string name, string key, string value) => _api.SendAsync("POST", TestApi.ConfigMaps, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { [key] = value },
    }, HttpStatusCode.Created);

    private async Task<JsonObject> ResultAsync() =>
        JsonNode.Parse((string)(await _api.GetAsync($"{TestApi.ConfigMaps}/result"))["data"]!["result.json"]!)!.AsObject();
}
