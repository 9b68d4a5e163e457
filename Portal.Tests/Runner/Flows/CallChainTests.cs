using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using Portal.Dotprompt.Messages;
using Portal.Runner.Providers;
using Portal.Runner.Tools;

namespace Portal.Tests.Runner.Flows;

/// <summary>Calls that make calls: what goes along, and what ends them.</summary>
public class CallChainTests
{
    private const string Prompt = "---\nmodel: fake/m\ntools: [other]\n---\nHi";

    [Theory]
    [InlineData("flowRef", "\"Hello\"")]
    [InlineData("http", "{\"result\":\"Hello\"}")]
    public async Task Post_ToolIsAFlow_TraceAndRequestIdGoAlong(string kind, string expected)
    {
        var traces = new List<string?>();
        await using var callee = await RunningServer.StartAsync(new FakeProvider((_, _) =>
        {
            traces.Add(Activity.Current?.TraceId.ToHexString());
            return new[] { FakeProvider.Text("Hello"), FakeProvider.End }.ToAsyncEnumerable();
        }), ContractFolder.Single("---\nmodel: fake/m\n---\nHi"));
        var asked = AskingOnce();
        await using var caller = await RunningServer.StartAsync(asked, FolderWith(kind, callee.Server.Address + (kind == "http" ? "greeting" : "")),
            static options => options with { ToolNetwork = new ToolNetwork { AllowLoopback = true } });
        caller.Client.DefaultRequestHeaders.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        caller.Client.DefaultRequestHeaders.Add("x-request-id", "edge-42");

        using var response = await caller.PostAsync("/hello", "");

        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        Assert.Equal(expected, Assert.IsType<ToolResponsePart>(asked.Requests.Last().Messages[^1].Content.Single()).Output!.ToJsonString());
        Assert.Equal(["4bf92f3577b34da6a3ce929d0e0e4736"], traces);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/event-stream")]
    public async Task Post_TakesLongerThanACallMay_IsDeadlineExceededAndWhatWasUsedIsTold(string? accept)
    {
        // The second turn never ends by itself.
        await using var runner = await RunningServer.StartAsync(AskingOnce(thenHangs: true), FolderWith("flowRef", "http://127.0.0.1:1"),
            static options => options with { CallTimeout = TimeSpan.FromMilliseconds(200) });

        using var response = await runner.PostAsync("/hello", "", accept);

        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(accept is null ? HttpStatusCode.GatewayTimeout : HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"status\":\"DEADLINE_EXCEEDED\",\"message\":\"The call took longer than 0.2 seconds (GENKIT_CALL_TIMEOUT_SECONDS).\"", text, StringComparison.Ordinal);
        Assert.Contains(runner.Log, static line => line.Contains("DEADLINE_EXCEEDED, failed, 11 tokens in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_CallerLeavesInTheSecondTurn_TheFirstIsInTheRecord()
    {
        var secondTurn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var runner = await RunningServer.StartAsync(AskingOnce(thenHangs: true, secondTurn), FolderWith("flowRef", "http://127.0.0.1:1"));
        using var leave = new CancellationTokenSource();
        var call = runner.PostAsync("/hello", "", cancellationToken: leave.Token);
        await secondTurn.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await runner.Server.StopAsync(CancellationToken.None); // waits for the call's end
        Assert.Contains(runner.Log, static line => line.Contains("CANCELLED, cancelled, 11 tokens in", StringComparison.Ordinal));
    }

    private static ContractFolder FolderWith(string kind, string url) => ContractFolder.Single(Prompt)
        .Write("tools/other.json", $$$"""{"name":"other","description":"Another.","implementation":{"{{{kind}}}":{"name":"hello","url":"{{{url}}}"} } }""");

    private static FakeProvider AskingOnce(bool thenHangs = false, TaskCompletionSource? secondTurn = null)
    {
        return new FakeProvider((request, cancellationToken) => AnswerAsync(request, cancellationToken));

        async IAsyncEnumerable<ModelChunk> AnswerAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            if (request.Messages[^1].Role != "tool")
            {
                yield return new ModelChunk { Content = [new ToolRequestPart("other", "1", new JsonObject())] };
            }
            else if (thenHangs)
            {
                secondTurn?.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            else
            {
                yield return FakeProvider.Text("ok");
            }

            yield return FakeProvider.End;
        }
    }
}
