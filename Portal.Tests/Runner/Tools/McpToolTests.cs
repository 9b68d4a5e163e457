using System.Net.Http.Headers;
using System.Text;
using Portal.Runner.Tools;
using Portal.Tests.Runner.Providers;

namespace Portal.Tests.Runner.Tools;

/// <summary>Against an independent server of the protocol.</summary>
public sealed class McpToolTests(AimockFixture aimock) : IClassFixture<AimockFixture>, IDisposable
{
    private readonly ToolCatalog _catalog = ToolCatalog.Create(new ToolNetwork { AllowLoopback = true });

    public void Dispose() => _catalog.Dispose();

    [Fact]
    public async Task ExpandAsync_WholeServer_IsAllItsTools()
    {
        var tools = await ExpandAsync(Server());

        Assert.Equal(["forecast: Tells the weather.", "clock: Tells the time."], tools.Select(static tool => $"{tool.Name}: {tool.Description}"));
        Assert.Equal("city", tools[0].InputSchema!["required"]![0]!.ToString());
        Assert.Equal("snow", (await CallAsync(tools[0], """{"city":"Bonn"}"""))!.ToString());
    }

    [Fact]
    public async Task ExpandAsync_OneTool_KeepsWhatItsAuthorWrote()
    {
        var tool = Assert.Single(await ExpandAsync(Server("clock") with { Name = "time", Description = "Says how late it is." }));

        Assert.Equal(("time", "Says how late it is."), (tool.Name, tool.Description));
        Assert.NotNull(tool.InputSchema);
        Assert.Equal("noon", (await CallAsync(tool, null))!.ToString());
    }

    [Fact]
    public async Task ExpandAsync_UnknownTool_SaysWhichThereAre()
    {
        var error = await Assert.ThrowsAsync<ToolException>(() => ExpandAsync(Server("tides")));

        Assert.Equal("its server has no tool \"tides\". There are: forecast, clock.", error.Message);
    }

    [Fact]
    public async Task CallAsync_WrongHeaders_FailsWithoutTellingThem()
    {
        var tool = Server("clock") with { Headers = static () => [KeyValuePair.Create("Authorization", "Bearer hush-hush")] };

        var error = await Assert.ThrowsAsync<ToolException>(() => CallAsync(tool, null));

        Assert.DoesNotContain("hush-hush", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://169.254.169.254/mcp", "tools may not connect to")]
    [InlineData("http://127.0.0.1:1/mcp", "cannot be reached")]
    [InlineData("nonsense", "not an absolute http or https URL")]
    public async Task CallAsync_PlaceItMayNotOrCannotReach_SaysSo(string url, string expected)
    {
        var tool = Server("clock") with { Settings = new JsonObject { ["url"] = url, ["tool"] = "clock" } };

        Assert.Contains(expected, (await Assert.ThrowsAsync<ToolException>(() => CallAsync(tool, null))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html", "<html>Hello</html>")]
    [InlineData("application/json", "{")]
    [InlineData("application/json", "[]")]
    [InlineData("application/json", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":7}")]
    [InlineData("text/event-stream", "data: nonsense\n\n")]
    [InlineData("text/event-stream", "")]
    public async Task ExpandAsync_ServerAnswersGarbage_SaysSo(string type, string body)
    {
        var error = await Assert.ThrowsAsync<ToolException>(() => ExpandThroughAsync(new StringContent(body, Encoding.UTF8, type)));

        Assert.Contains("does not speak the protocol", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExpandAsync_ServerAnswersWithoutEnd_ReadsNoMoreThanAnAnswerMayHave()
    {
        var error = await Assert.ThrowsAsync<ToolException>(() => ExpandThroughAsync(
            new ByteArrayContent(new byte[4 * ToolAnswer.MaxBytes]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }));

        Assert.Equal(ToolAnswer.TooLarge().Message, error.Message);
    }

    [Fact]
    public async Task ExpandAsync_Again_AsksTheServerOnceInHalfAMinute()
    {
        var time = new Clock();
        using var counter = new Counter(new SocketsHttpHandler());
        using var client = new HttpClient(counter);
        var kind = new McpTool(client, new ToolNetwork { AllowLoopback = true }, time);
        await kind.ExpandAsync(Server(), CancellationToken.None);
        var once = counter.Requests;

        await kind.ExpandAsync(Server(), CancellationToken.None);
        Assert.Equal(once, counter.Requests);

        time.Now += TimeSpan.FromSeconds(31);
        await kind.ExpandAsync(Server(), CancellationToken.None);
        Assert.Equal(2 * once, counter.Requests);
    }

    private async Task ExpandThroughAsync(HttpContent content)
    {
        using var client = new HttpClient(new AnswerLimit(new Answering(content)));
        await new McpTool(client, new ToolNetwork { AllowLoopback = true }, TimeProvider.System).ExpandAsync(Server(), CancellationToken.None);
    }

    private sealed class Answering(HttpContent content) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = content, RequestMessage = request });
    }

    private sealed class Counter(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private int _requests;

        public int Requests => _requests;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private ToolDescriptor Server(string? tool = null)
    {
        var settings = new JsonObject { ["url"] = aimock.Url + "/mcp" };
        if (tool is not null)
        {
            settings["tool"] = tool;
        }

        return new ToolDescriptor { Name = "server", Kind = "mcp", Settings = settings, Headers = static () => [KeyValuePair.Create("Authorization", "Bearer " + AimockFixture.GoodKey)] };
    }

    private async Task<IReadOnlyList<ToolDescriptor>> ExpandAsync(ToolDescriptor tool) => await _catalog.Of(tool).ExpandAsync(tool, CancellationToken.None);

    private Task<JsonNode?> CallAsync(ToolDescriptor tool, string? input) =>
        _catalog.Of(tool).CallAsync(new ToolCall(tool, input is null ? null : JsonNode.Parse(input), 0), CancellationToken.None);
}
