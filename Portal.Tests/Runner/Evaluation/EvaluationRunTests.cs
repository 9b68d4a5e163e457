using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Runner.Contract;
using Portal.Runner.Evaluation;
using Portal.Runner.Evaluation.Datasets;
using Portal.Tests.Runner.Providers;

namespace Portal.Tests.Runner.Evaluation;

public class EvaluationRunTests
{
    [Fact]
    public async Task Run_BudgetIsUsedUpOnTheWay_AsksTheRowAgainUntilItIsRaised()
    {
        var time = new InstantTimeProvider();
        var calls = 0;
        var handler = new ScriptedHandler((_, _) => Task.FromResult(++calls is > 1 and < 9 ? Refusal(calls == 8 ? "2" : "7200") : new HttpResponseMessage { Content = new StringContent("Hi") }));
        using var client = new HttpClient(handler);
        var flow = new FlowClient(client, new Uri("http://flow/x"), Timeout.InfiniteTimeSpan, 0, time);
        var rows = DatasetParser.Parse("""[{"input":1},{"input":2}]"""u8.ToArray(), "json", null);

        var results = await new EvaluationRun(flow, [], account: null, concurrency: 1, progressEvery: 0, time, NullLogger.Instance).RunAsync(rows, CancellationToken.None);

        Assert.All(results, result => Assert.Equal(("Hi", null), (result!.Reply.Text, result.Reply.Error)));
        Assert.Equal(9, calls);
        Assert.Equal([1, 2, 4, 8, 16, 30, 2], time.Delays.Select(delay => delay.TotalSeconds));
    }

    private static HttpResponseMessage Refusal(string retryAfter)
    {
        var stop = new BudgetStop { Id = "b1", Name = "One cent", Until = DateTimeOffset.UnixEpoch };
        var body = new JsonObject { ["status"] = "RESOURCE_EXHAUSTED", ["message"] = stop.Explain(), ["details"] = stop.Details() };
        var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        response.Headers.Add("Retry-After", retryAfter);
        return response;
    }
}
