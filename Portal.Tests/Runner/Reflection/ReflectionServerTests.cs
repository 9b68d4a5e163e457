using System.Net;
using System.Runtime.CompilerServices;
using Portal.Runner.Providers;
using Portal.Runner.Reflection;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Reflection;

/// <summary>Version 1 of Genkit's reflection API; genkit-cli itself speaks both versions in the e2e suite.</summary>
public sealed class ReflectionServerTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly ContractFolder _project = new();
    private readonly HttpClient _tools = new(new SocketsHttpHandler());

    [Fact]
    public async Task Start_TellsTheToolsAndStopTakesItBack()
    {
        await using (var runner = await StartAsync(FakeProvider.Saying("Hi")))
        {
            var runtime = JsonNode.Parse(await File.ReadAllTextAsync(RuntimeFile))!;
            Assert.Equal("test-runtime", runtime["id"]!.GetValue<string>());
            Assert.Equal(Environment.ProcessId, runtime["pid"]!.GetValue<int>());
            Assert.Equal(1, runtime["reflectionApiSpecVersion"]!.GetValue<int>());
            Assert.Equal("OK", await _tools.GetStringAsync(Url("/api/__health?id=test-runtime")));
            using var other = await _tools.GetAsync(Url("/api/__health?id=other"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, other.StatusCode);
        }

        Assert.False(File.Exists(RuntimeFile));
    }

    [Fact]
    public async Task Actions_AreTheFlowsWithoutNulls()
    {
        await using var runner = await StartAsync(FakeProvider.Saying("Hi"));

        var actions = await _tools.GetStringAsync(Url("/api/actions"));

        Assert.Equal(["/flow/greeting", "/flow/hello"], JsonNode.Parse(actions)!.AsObject().Select(static action => action.Key));
        Assert.DoesNotContain("null", actions, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAction_Whole_HasResultAndTrace()
    {
        await using var runner = await StartAsync(FakeProvider.Saying("Hello ", "Bo"));

        using var response = await PostAsync("/api/runAction", """{"key":"/flow/hello","input":{"name":"Bo"}}""");

        var trace = Assert.Single(response.Headers.GetValues("X-Genkit-Trace-Id"));
        Assert.Equal($$$"""{"result":"Hello Bo","telemetry":{"traceId":"{{{trace}}}"}}""", await response.Content.ReadAsStringAsync());
        Assert.Contains(runner.Log, static line => line.Contains("OK, stop, 11 tokens in, 2 out", StringComparison.Ordinal)); // each such line is a usage record
    }

    [Fact]
    public async Task RunAction_Streamed_IsALineAChunkAndALastOneWithoutItsEnd()
    {
        await using var runner = await StartAsync(FakeProvider.Saying("Hello ", "Bo"));

        using var response = await PostAsync("/api/runAction?stream=true", """{"key":"/flow/hello","input":{"name":"Bo"}}""");

        var lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal("""{"role":"model","index":0,"content":[{"text":"Hello "}]}""", lines[0]);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("{\"result\":\"Hello Bo\"", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"key":"/flow/hello","input":{"name":5}}""", "INVALID_ARGUMENT: The input does not match")]
    [InlineData("""{"key":"/flow/hello","input":[]}""", "INVALID_ARGUMENT: The input of a flow is a JSON object.")]
    public async Task RunAction_BadInput_IsAnErrorInA200(string body, string message)
    {
        await using var runner = await StartAsync(FakeProvider.Saying("Hi"));

        using var response = await PostAsync("/api/runAction", body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal(3, error["code"]!.GetValue<int>());
        Assert.StartsWith(message, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(error["details"]!["stack"]);
    }

    [Fact]
    public async Task RunAction_Unknown_Is404()
    {
        await using var runner = await StartAsync(FakeProvider.Saying("Hi"));

        using var response = await PostAsync("/api/runAction", """{"key":"/flow/nope"}""");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("action /flow/nope not found", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task RunAction_NotJson_Is400()
    {
        await using var runner = await StartAsync(FakeProvider.Saying("Hi"));

        using var response = await PostAsync("/api/runAction", "{");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task CancelAction_ByItsTrace_EndsTheRun()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var runner = await StartAsync(new FakeProvider((_, cancellationToken) => WaitAsync(cancellationToken)));
        using var running = await PostAsync("/api/runAction", """{"key":"/flow/hello","input":{"name":"Bo"}}""");
        await asked.Task.WaitAsync(s_patience);
        var trace = Assert.Single(running.Headers.GetValues("X-Genkit-Trace-Id"));

        using var cancelled = await PostAsync("/api/cancelAction", $$"""{"traceId":"{{trace}}"}""");

        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Contains("\"code\":1,\"message\":\"Action was cancelled\"", await running.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var again = await PostAsync("/api/cancelAction", $$"""{"traceId":"{{trace}}"}""");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);

        async IAsyncEnumerable<ModelChunk> WaitAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            yield break;
        }
    }

    [Fact]
    public async Task Any_FromAPage_IsRefused()
    {
        await using var runner = await StartAsync(FakeProvider.Saying("Hi"));
        _tools.DefaultRequestHeaders.Add("Origin", "https://evil.example");

        using var response = await PostAsync("/api/runAction", """{"key":"/flow/hello","input":{"name":"Bo"}}""");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public void Read_OutsideDevelopment_IsNothing() =>
        Assert.Null(ReflectionOptions.Read(static name => name == "GENKIT_REFLECTION_V2_SERVER" ? "ws://localhost:1" : null, "/"));

    [Fact]
    public void Read_Project_IsTheNearestFolderTheToolsKnow()
    {
        _project.Write("package.json", "{}").Write("a/b/some.csproj", "");

        Assert.Equal(_project.Root, ReflectionOptions.Read(static name => name == "GENKIT_ENV" ? "dev" : null, Path.Combine(_project.Root, "a/b"))!.ProjectRoot);
    }

    public void Dispose()
    {
        _tools.Dispose();
        _project.Dispose();
    }

    private string RuntimeFile => Path.Combine(_project.Root, ".genkit/runtimes/test-runtime.json");

    private Uri Url(string path) => new(JsonNode.Parse(File.ReadAllText(RuntimeFile))!["reflectionServerUrl"]!.GetValue<string>() + path);

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _tools.SendAsync(new HttpRequestMessage(HttpMethod.Post, Url(path)) { Content = new StringContent(body) }, HttpCompletionOption.ResponseHeadersRead);

    private Task<RunningServer> StartAsync(FakeProvider provider) => RunningServer.StartAsync(provider, change: options => options with
    {
        Reflection = new ReflectionOptions { RuntimeId = "test-runtime", Port = 0, ProjectRoot = _project.Root },
    });
}
