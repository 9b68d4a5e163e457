using Portal.Runner.Contract;
using Portal.Runner.Evaluation;
using Portal.Runner.Providers;
using Portal.Tests.Portal;
using Portal.Tests.Runner.Budgets;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Evaluation;

/// <summary>What an evaluation tells the portal and waits for.</summary>
public sealed class EvaluationAccountTests : IDisposable
{
    private const string Rows = """[{"input":{"name":"Bo"}},{"input":{"name":"Cy"}}]""";

    private readonly string _spool = Directory.CreateTempSubdirectory("eval-spool-").FullName;

    public void Dispose() => Directory.Delete(_spool, recursive: true);

    [Fact]
    public async Task Run_WithAJudge_CountsEachQuestionOnce()
    {
        await using var portal = await FakeState.StartAsync();
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        Assert.Equal(EvaluationExit.Done, await Job(portal, flow, FakeProvider.Saying("""{"reason":"r","grade":4}""")).RunAsync());

        var records = await RecordsAsync(portal, 2);
        Assert.Equal(2, records.Select(record => record.CallId).Distinct().Count());
        Assert.All(records, record => Assert.Equal(
            ("eval", "shop", null, "quality", "fake", "judge", 11L, "OK", "stop"),
            (record.Source, record.Namespace, record.Flow, record.Prompt, record.Provider, record.Model, record.Usage.InputTokens, record.Outcome, record.FinishReason)));
    }

    [Fact]
    public async Task Run_JudgeFails_CountsThatToo()
    {
        await using var portal = await FakeState.StartAsync();
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        Assert.Equal(EvaluationExit.Done, await Job(portal, flow, FakeProvider.Saying("no JSON at all")).RunAsync());

        Assert.All(await RecordsAsync(portal, 2), record => Assert.Equal(("INTERNAL", 11L), (record.Outcome, record.Usage.InputTokens)));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("hello", null)]
    [InlineData("suite/hello", "suite")]
    public async Task Run_BudgetIsUsedUp_WaitsAndGoesOnWhenItIsRaised(string? ofFlow, string? set)
    {
        var raised = false;
        await using var portal = await FakeState.StartAsync();
        portal.Say(new BudgetStop { Id = "b1", Name = "One cent", Namespace = "shop", Flow = ofFlow, Until = TimeProvider.System.GetUtcNow().AddHours(2), Contact = "Ada" });
        var asked = new FakeProvider((_, _) =>
        {
            Assert.True(Volatile.Read(ref raised), "Asked although the budget is used up.");
            return Answer();
        });
        await using var flow = await RunningServer.StartAsync(asked);
        var running = Job(portal, flow, FakeProvider.Saying("""{"reason":"r","grade":4}""")).Set("GENKIT_FLOWSET_NAME", set ?? "").RunAsync();
        await portal.HeardAsync();

        Assert.False(running.IsCompleted);
        Volatile.Write(ref raised, true);
        portal.Say();

        Assert.Equal(EvaluationExit.Done, await running.WaitAsync(RunningPortal.Patience));
        Assert.Equal(2, asked.Requests.Count);
    }

    [Fact]
    public async Task Run_StoppedWhileItWaits_EndsAsInterrupted()
    {
        await using var portal = await FakeState.StartAsync();
        portal.Say(new BudgetStop { Id = "b1", Name = "One cent", Until = TimeProvider.System.GetUtcNow().AddHours(2) });
        var asked = FakeProvider.Saying("Hi");
        await using var flow = await RunningServer.StartAsync(asked);
        using var stop = new CancellationTokenSource();
        var running = Job(portal, flow, asked).RunAsync(stop.Token);
        await portal.HeardAsync();

        await stop.CancelAsync();

        Assert.Equal(EvaluationExit.Interrupted, await running.WaitAsync(RunningPortal.Patience));
        Assert.Empty(asked.Requests);
    }

    [Fact]
    public async Task Run_PortalAddressIsWrong_SaysWhichVariable()
    {
        var job = EvalJob.Of(new Uri("http://flow/x"), "latency", Rows).Set("GENKIT_USAGE_URL", "ftp://portal");

        Assert.Equal(EvaluationExit.BadConfiguration, await job.RunAsync());

        Assert.Contains("GENKIT_USAGE_URL", job.Error, StringComparison.Ordinal);
    }

    private EvalJob Job(FakeState portal, RunningServer flow, FakeProvider judge) => new EvalJob { Providers = new ProviderCatalog([judge]) }
        .Set("EVAL_FLOW_URL", new Uri(flow.Server.Address, "/hello").ToString()).Set("EVAL_FLOW_NAME", "hello").Set("EVAL_METRICS", "answer_relevancy").Set("EVAL_DATASET_INLINE", Rows)
        .Set("EVAL_JUDGE_MODEL", "fake/judge").Set("EVAL_NAME", "quality").Set("EVAL_RETRIES", "0")
        .Set("GENKIT_USAGE_URL", portal.Url).Set("GENKIT_USAGE_TOKEN", "secret").Set("GENKIT_USAGE_SPOOL", _spool).Set("GENKIT_NAMESPACE", "shop");

    private static async Task<List<UsageRecord>> RecordsAsync(FakeState portal, int count)
    {
        List<UsageRecord> records = [];
        while (records.Count < count)
        {
            var batch = await portal.Batches.Reader.ReadAsync().AsTask().WaitAsync(RunningPortal.Patience);
            records.AddRange(JsonNode.Parse(batch)!["records"]!.AsArray().Select(record => record.Deserialize(UsageJson.Default.UsageRecord)!));
        }

        return records;
    }

    private static async IAsyncEnumerable<ModelChunk> Answer()
    {
        await Task.Yield();
        yield return FakeProvider.Text("Hi");
        yield return FakeProvider.End;
    }
}
