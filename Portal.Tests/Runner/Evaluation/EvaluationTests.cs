using System.Net;
using System.Net.Sockets;
using Portal.Runner.Engine;
using Portal.Runner.Evaluation;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Evaluation;

/// <summary>Whole evaluations against a runner on real Kestrel.</summary>
public class EvaluationTests
{
    private const string Rows = """[{"testCaseId":"a","input":{"name":"Bo"},"reference":"Hello"},{"testCaseId":"b","input":{"name":7},"reference":"Hello"}]""";

    [Fact]
    public async Task Run_RowsGoodAndBad_IsDoneAndSaysEach()
    {
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hel", "lo"));
        var job = EvalJob.Of(flow.Server.Address, "exact_match,latency,cost", Rows).Set("EVAL_FLOW_NAME", "hello").Set("EVAL_DATASET_NAME", "greetings")
            .Set("EVAL_RUN_ID", "run-1").Set("EVAL_PRICES", """{"fake/m":{"input":1,"output":10}}""").Set("EVAL_CONCURRENCY", "2");

        Assert.Equal(EvaluationExit.Done, await job.RunAsync());

        var result = job.Result;
        Assert.Equal("run-1", (string?)result["evalRunId"]);
        Assert.Equal("completed", (string?)result["status"]);
        Assert.Equal("""{"total":2,"answered":1,"failed":1,"notRun":0}""", result["counts"]!.ToJsonString());
        Assert.Equal("hello", (string?)result["flow"]!["name"]);
        Assert.Equal("greetings", (string?)result["dataset"]!["name"]);
        var (good, bad) = (result["results"]![0]!, result["results"]![1]!);
        Assert.Equal("Hello", (string?)good["output"]);
        Assert.Equal("""{"evaluator":"/evaluator/exact_match","score":1,"status":"PASS"}""", good["metrics"]![0]!.ToJsonString());
        Assert.Equal(0.000031, (double)good["metrics"]![2]!["score"]!, 9); // 11 tokens in, 2 out
        Assert.Single(good["traceIds"]!.AsArray());
        Assert.Contains("400", (string?)bad["error"], StringComparison.Ordinal);
        Assert.Contains("name must be string", (string?)bad["error"], StringComparison.Ordinal);
        Assert.Equal("[]", bad["metrics"]!.ToJsonString());
        var summary = result["metricSummaries"]![0]!;
        Assert.Equal("""{"PASS":1,"FAIL":0,"UNKNOWN":1}""", summary["statusDistribution"]!.ToJsonString());
        Assert.Equal((1, 1.0, 0.5), ((int)summary["errorCount"]!, (double)summary["averageScore"]!, (double)summary["passRate"]!));
        Assert.Empty(job.Error);
    }

    [Fact]
    public async Task Run_FlowWithJsonOutput_ScoresTheValue()
    {
        await using var flow = await RunningServer.StartAsync(
            FakeProvider.Saying("```json\n{\"n\": 1}\n```"), ContractFolder.Single("---\nmodel: fake/m\noutput:\n  format: json\n---\nHi"));
        var job = EvalJob.Of(new Uri(flow.Server.Address, "/hello"), "json_equality", """[{"input":{},"reference":{"n":1}}]""");

        await job.RunAsync();

        Assert.Equal("""{"n":1}""", job.Result["results"]![0]!["output"]!.ToJsonString());
        Assert.Equal("PASS", (string?)job.Result["results"]![0]!["metrics"]![0]!["status"]);
    }

    [Fact]
    public async Task Run_FlowIsBusyOnce_AsksAgain()
    {
        var busy = 1;
        var provider = new FakeProvider((_, _) => Interlocked.Decrement(ref busy) >= 0
            ? FakeProvider.Throwing(new GenkitException(GenkitStatus.ResourceExhausted, "busy")).StreamAsync(null!, default)
            : FakeProvider.Saying("Hello").StreamAsync(null!, default));
        await using var flow = await RunningServer.StartAsync(provider);
        var job = EvalJob.Of(new Uri(flow.Server.Address, "/hello"), "exact_match", """[{"input":{"name":"x"},"reference":"Hello"}]""").Set("EVAL_RETRIES", "1");

        await job.RunAsync();

        Assert.Equal(2, (int)job.Result["results"]![0]!["attempts"]!);
        Assert.Equal("Hello", (string?)job.Result["results"]![0]!["output"]);
    }

    [Fact]
    public async Task Run_FlowHangs_RowIsAnErrorAndTheFlowUnreachable()
    {
        await using var flow = await RunningServer.StartAsync(new FakeProvider(static (_, cancellationToken) => Hang(cancellationToken)));
        var job = EvalJob.Of(new Uri(flow.Server.Address, "/hello"), "exact_match", """[{"input":{"name":"x"}}]""").Set("EVAL_TIMEOUT_SECONDS", "1");

        Assert.Equal(EvaluationExit.FlowUnreachable, await job.RunAsync());

        Assert.Contains("no answer within 1 s", (string?)job.Result["results"]![0]!["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NothingListens_EndsEarlyWithItsOwnCode()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/hello");
        listener.Stop();
        var rows = new JsonArray([.. Enumerable.Range(0, 100).Select(_ => new JsonObject { ["input"] = new JsonObject() })]);
        var job = EvalJob.Of(address, "latency", rows.ToJsonString());

        Assert.Equal(EvaluationExit.FlowUnreachable, await job.RunAsync());

        Assert.Equal("unreachable", (string?)job.Result["status"]);
        Assert.Equal(20, (int)job.Result["counts"]!["failed"]!);
        Assert.Contains("not one row reached the flow", Assert.Single(job.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoSuchRoute_IsUnreachable()
    {
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("x"));

        Assert.Equal(EvaluationExit.FlowUnreachable, await EvalJob.Of(new Uri(flow.Server.Address, "/other"), "latency", Rows).RunAsync());
    }

    [Fact]
    public async Task Run_Stopped_WritesWhatThereIs()
    {
        using var stop = new CancellationTokenSource();
        var calls = 0;
        var provider = new FakeProvider((_, cancellationToken) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                return FakeProvider.Saying("Hello").StreamAsync(null!, default);
            }

            stop.Cancel();
            return Hang(cancellationToken);
        });
        await using var flow = await RunningServer.StartAsync(provider);
        var job = EvalJob.Of(new Uri(flow.Server.Address, "/hello"), "latency", """[{"name":"a"},{"name":"b"},{"name":"c"}]""");

        Assert.Equal(EvaluationExit.Interrupted, await job.RunAsync(stop.Token));

        Assert.Equal("interrupted", (string?)job.Result["status"]);
        Assert.Equal("""{"total":3,"answered":1,"failed":0,"notRun":2}""", job.Result["counts"]!.ToJsonString());
        Assert.Contains("stopped after 1 of 3 rows", job.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BadConfiguration_NamesAllThatIsWrongInOneLine()
    {
        var job = new EvalJob().Set("EVAL_FLOW_URL", "http://flow:8080").Set("EVAL_METRICS", "exat,faithfulness").Set("EVAL_DATASET_FORMAT", "xml")
            .Set("EVAL_CONCURRENCY", "0").Set("EVAL_SINK_KIND", "ftp").Set("EVAL_DATASET_SCHEMA", "{");

        Assert.Equal(EvaluationExit.BadConfiguration, await job.RunAsync());

        var line = Assert.Single(job.Error.TrimEnd().Split('\n'));
        Assert.All(
            ["EVAL_FLOW_NAME", "\"exat\" is unknown; known: answer_relevancy", "EVAL_JUDGE_MODEL", "EVAL_DATASET_FORMAT", "EVAL_DATASET_FILE", "EVAL_CONCURRENCY", "EVAL_SINK_KIND", "EVAL_DATASET_SCHEMA"],
            expected => Assert.Contains(expected, line, StringComparison.Ordinal));
        Assert.Empty(job.Output);
    }

    [Theory]
    [InlineData("http://hello.prod.svc:8080", "hello")]
    [InlineData("http://hello.prod.svc.cluster.local:8080/", "hello")]
    public void Read_AddressOfAService_TakesItsNameForTheRoute(string url, string expected)
    {
        var options = EvaluationOptions.Read(new EvaluationEnvironment(name => name == "EVAL_FLOW_URL" ? url : null), "/");

        Assert.Equal((expected, $"/{expected}"), (options.FlowName, options.FlowAddress.AbsolutePath));
    }

    [Fact]
    public async Task Run_SinkIsAFile_ReplacesIt()
    {
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
        using var folder = new ContractFolder();
        var file = Path.Combine(folder.Root, "deep", "result.json");
        var job = EvalJob.Of(new Uri(flow.Server.Address, "/hello"), "exact_match", Rows).Set("EVAL_SINK_KIND", "file").Set("EVAL_SINK_PATH", file);

        Assert.Equal(EvaluationExit.Done, await job.RunAsync());
        Assert.Equal(EvaluationExit.Done, await job.RunAsync());

        Assert.Equal("completed", (string?)JsonNode.Parse(await File.ReadAllTextAsync(file))!["status"]);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
        Assert.Empty(job.Output);
    }

    [Fact]
    public async Task Run_SinkFails_HasItsOwnCodeAndTheResultOnStandardOutput()
    {
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
        using var folder = new ContractFolder().Write("file", "");
        var job = EvalJob.Of(new Uri(flow.Server.Address, "/hello"), "exact_match", Rows).Set("EVAL_SINK_KIND", "file").Set("EVAL_SINK_PATH", Path.Combine(folder.Root, "file", "result.json"));

        Assert.Equal(EvaluationExit.SinkFailed, await job.RunAsync());

        Assert.Equal("completed", (string?)job.Result["status"]);
        Assert.Contains("cannot be written", job.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_InAPod_LeavesTheTotalsOrTheReasonBehind()
    {
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
        using var folder = new ContractFolder().Write("log", "");
        var log = Path.Combine(folder.Root, "log");
        var job = EvalJob.Of(new Uri(flow.Server.Address, "/hello"), "exact_match", Rows).Set("EVAL_RUN_ID", "r").Set("EVAL_TERMINATION_LOG", log);

        await job.RunAsync();

        Assert.Equal(
            """{"evalRunId":"r","status":"completed","counts":{"total":2,"answered":1,"failed":1,"notRun":0},"metrics":{"exact_match":{"average":1,"passRate":0.5,"errors":1}}}""",
            await File.ReadAllTextAsync(log));

        await job.Set("EVAL_METRICS", ",").RunAsync();

        Assert.StartsWith("EVAL_METRICS names no metric; known: answer_relevancy,", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<ModelChunk> Hang([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        yield break;
    }
}
