using System.Net;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Flows;

public class FlowEndpointTests
{
    [Fact]
    public async Task Get_Root_ListsTheRoutes()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        Assert.Matches(
            "^{\"routes\":\\[\"/greeting\",\"/hello\"\\],\"flows\":\\[{\"path\":\"/greeting\",\"state\":\"ready\"},{\"path\":\"/hello\",\"state\":\"ready\"}\\],\"content\":\"[0-9a-f]{64}\"}\n$",
            await runner.Client.GetStringAsync("/"));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Get_Probe_IsOk(string path)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        Assert.Equal("ok", await runner.Client.GetStringAsync(path));
    }

    [Theory]
    [InlineData(true, "Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData(true, "Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData(true, "X-Request-Id", "1", HttpStatusCode.OK)]
    [InlineData(false, "Origin", "https://app.example", HttpStatusCode.OK)]
    public async Task Post_FromAPageToALocalRunner_IsRefused(bool isLocal, string header, string value, HttpStatusCode expected)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"), change: options => options with { ExitWithStdin = isLocal });
        runner.Client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);

        using var response = await runner.PostAsync("/greeting", "{\"name\":\"Ada\"}");

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Post_Probe_IsNoCall(string path)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        using var response = await runner.PostAsync(path, "{}");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/greeting")]
    [InlineData("/hello")]
    public async Task Post_ByDefault_AnswersText(string path)
    {
        var provider = FakeProvider.Saying("Hello, ", "Bo!");
        await using var runner = await RunningServer.StartAsync(provider);

        using var response = await runner.PostAsync(path, """{"name":"Bo"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("Hello, Bo!", await response.Content.ReadAsStringAsync());
        Assert.Equal("Hi Bo", Assert.Single(provider.Requests).Messages[0].Text);
        Assert.False(provider.Requests.Single().Stream);
    }

    [Fact]
    public async Task Post_JsonAccepted_WrapsTheResult()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hello, ", "“Bo”!"));

        using var response = await runner.PostAsync("/hello", """{"name":"Bo"}""", "application/json");

        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("""{"result":"Hello, “Bo”!"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Post_PromptAsksForJson_ResultIsTheValue()
    {
        const string Prompt = "---\nmodel: fake/m\noutput:\n  format: json\n  schema:\n    n: integer\n---\nHi";
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("```json\n{\"n\":", "3}\n```"), ContractFolder.Single(Prompt));

        using var json = await runner.PostAsync("/hello", "", "application/json");
        using var stream = await runner.PostAsync("/hello", "", "text/event-stream");

        Assert.Equal("""{"result":{"n":3}}""", await json.Content.ReadAsStringAsync());
        Assert.EndsWith("data: {\"result\":{\"n\":3}}\n\n", await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_AnswerMissesTheOutputSchema_IsAnErrorThatNamesTheField()
    {
        const string Prompt = "---\nmodel: fake/m\noutput:\n  format: json\n  schema:\n    n: integer\n---\nHi";
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("{\"n\":\"three\"}"), ContractFolder.Single(Prompt));

        using var response = await runner.PostAsync("/hello", "");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("n must be integer", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/hello", "text/event-stream")]
    [InlineData("/hello?stream=true", null)]
    public async Task Post_StreamAsked_WritesExactlyTheFramesThatGenkitClientsParse(string path, string? accept)
    {
        var provider = FakeProvider.Saying("Hello,\n", "“Bo”!");
        await using var runner = await RunningServer.StartAsync(provider);

        using var response = await runner.PostAsync(path, """{"name":"Bo"}""", accept);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(
            "data: {\"message\":{\"role\":\"model\",\"index\":0,\"content\":[{\"text\":\"Hello,\\n\"}]}}\n\n"
            + "data: {\"message\":{\"role\":\"model\",\"index\":0,\"content\":[{\"text\":\"“Bo”!\"}]}}\n\n"
            + "data: {\"result\":\"Hello,\\n“Bo”!\"}\n\n",
            await response.Content.ReadAsStringAsync());
        Assert.True(provider.Requests.Single().Stream);
    }

    [Fact]
    public async Task Post_StreamIsOne_IsNotAStream()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        using var response = await runner.PostAsync("/hello?stream=1", """{"name":"Bo"}""");

        Assert.Equal("Hi", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Post_Success_CarriesCallIdAndUsageAndLogsThemWithoutContent()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("A secret answer"));

        using var response = await runner.PostAsync("/hello", """{"name":"Confidential"}""");

        var callId = Assert.Single(response.Headers.GetValues("x-genkit-call-id"));
        var usage = JsonNode.Parse(Assert.Single(response.Headers.GetValues("x-genkit-usage")))!;
        Assert.Equal(11, usage["inputTokens"]!.GetValue<int>());
        Assert.Equal("stop", usage["finishReason"]!.GetValue<string>());
        var line = Assert.Single(runner.Log, line => line.Contains(callId, StringComparison.Ordinal));
        Assert.Contains("11 tokens in, 2 out", line, StringComparison.Ordinal);
        Assert.DoesNotContain(runner.Log, static line => line.Contains("secret", StringComparison.Ordinal) || line.Contains("Confidential", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_ToolFails_IsLoggedByNameWithoutContent()
    {
        var turn = 0;
        var provider = new FakeProvider((_, _) => Turn(++turn == 1 ? new ToolRequestPart("look", "1", new JsonObject { ["q"] = "Confidential" }) : new TextPart("Done")));
        using var folder = ContractFolder.Single("---\nmodel: fake/m\ntools: [look]\n---\nHi").Write("tools/look.json", """{"name":"look","implementation":{"http":{"url":"http://169.254.169.254/"}}}""");
        await using var runner = await RunningServer.StartAsync(provider, folder);

        using var response = await runner.PostAsync("/hello", "{}");

        Assert.Equal("Done", await response.Content.ReadAsStringAsync());
        var callId = Assert.Single(response.Headers.GetValues("x-genkit-call-id"));
        Assert.Single(runner.Log, line => line.Contains(callId, StringComparison.Ordinal) && line.Contains("the tool look failed", StringComparison.Ordinal));
        Assert.DoesNotContain(runner.Log, static line => line.Contains("Confidential", StringComparison.Ordinal));

        static async IAsyncEnumerable<ModelChunk> Turn(Part part)
        {
            await Task.Yield();
            yield return new ModelChunk { Content = [part] };
            yield return FakeProvider.End;
        }
    }

    [Theory]
    [InlineData(GenkitStatus.Unauthenticated, 401, "UNAUTHENTICATED")]
    [InlineData(GenkitStatus.ResourceExhausted, 429, "RESOURCE_EXHAUSTED")]
    [InlineData(GenkitStatus.Unavailable, 503, "UNAVAILABLE")]
    [InlineData(GenkitStatus.DeadlineExceeded, 504, "DEADLINE_EXCEEDED")]
    [InlineData(GenkitStatus.Internal, 500, "INTERNAL")]
    public async Task Post_ProviderFails_AnswersWithTheMatchingStatus(GenkitStatus status, int httpStatus, string name)
    {
        var failure = new GenkitException(status, "It failed.") { RetryAfter = TimeSpan.FromSeconds(6.5), Details = new JsonObject { ["why"] = "x" } };
        await using var runner = await RunningServer.StartAsync(FakeProvider.Throwing(failure));
        foreach (var accept in new[] { "text/plain", "application/json", "text/event-stream" })
        {
            using var response = await runner.PostAsync("/hello", """{"name":"Bo"}""", accept);

            Assert.Equal(httpStatus, (int)response.StatusCode);
            Assert.Equal($$$"""{"status":"{{{name}}}","message":"It failed.","details":{"why":"x"}}""", await response.Content.ReadAsStringAsync());
            Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
            Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter!.Delta);
        }
    }

    [Fact]
    public async Task Post_ProviderFailsMidStream_EndsWithAnErrorFrame()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Throwing(new GenkitException(GenkitStatus.Unavailable, "It broke off."), "One"));

        using var response = await runner.PostAsync("/hello", """{"name":"Bo"}""", "text/event-stream");

        Assert.EndsWith("data: {\"error\":{\"status\":\"UNAVAILABLE\",\"message\":\"It broke off.\"}}\n\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_UnexpectedException_TellsNothingOfIt()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Throwing(new InvalidOperationException("inner secret")));

        using var response = await runner.PostAsync("/hello", """{"name":"Bo"}""");

        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("inner secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_UnknownPath_Is404Problem()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        using var response = await runner.PostAsync("/Hello", "{}");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Get_Flow_Is405WithAllow()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        using var response = await runner.Client.GetAsync("/hello");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }
}
