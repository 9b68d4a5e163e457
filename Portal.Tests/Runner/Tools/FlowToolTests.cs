using System.Net;
using System.Text;
using Portal.Runner.Tools;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Tools;

public sealed class FlowToolTests
{
    [Theory]
    [InlineData("application/json", """{"result":{"a":1}}""", """{"a":1}""")]
    [InlineData("application/json", """{"result":null}""", null)]
    [InlineData("application/json", """{"a":1}""", """{"a":1}""")]
    [InlineData("text/plain", "hello", "\"hello\"")] // a runner that knows text only
    public async Task CallAsync_Answer_IsTheFlowsResult(string type, string body, string? expected) =>
        Assert.Equal(expected, (await CallAsync(_ => Answer(type, body)))?.ToJsonString());

    [Fact]
    public async Task CallAsync_Request_CarriesInputAndDepth()
    {
        var (seen, body) = (default(HttpRequestMessage), "");

        await CallAsync(request =>
        {
            (seen, body) = (request, request.Content!.ReadAsStringAsync().GetAwaiter().GetResult());
            return Answer("text/plain", "x");
        }, depth: 2);

        Assert.Equal(["edge-42"], seen!.Headers.GetValues("x-request-id"));
        Assert.Equal(("http://other.ns.svc:8080/other", "3", """{"q":1}"""), (seen!.RequestUri!.ToString(), seen.Headers.GetValues(FlowTool.DepthHeader).Single(), body));
    }

    [Fact]
    public async Task CallAsync_CircleOfFlows_Ends()
    {
        var error = await Assert.ThrowsAsync<ToolException>(() => CallAsync(static _ => throw new InvalidOperationException("not called"), depth: FlowTool.MaxDepth));

        Assert.Equal("flows call one another more than 8 deep.", error.Message);
    }

    [Fact]
    public async Task CallAsync_NoAddress_NamesTheFlow()
    {
        var tool = new ToolDescriptor { Name = "t", Kind = "flowRef", Settings = new JsonObject { ["name"] = "other" } };
        using var catalog = ToolCatalog.Create(new ToolNetwork());

        Assert.Contains("flow \"other\" is not known", (await Assert.ThrowsAsync<ToolException>(() => catalog.Of(tool).CallAsync(new ToolCall(tool, null, 0), CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallAsync_FlowFails_PassesItsWordsOn()
    {
        var error = await Assert.ThrowsAsync<ToolException>(() => CallAsync(static _ =>
        {
            var response = Answer("application/json", """{"status":"UNAVAILABLE","message":"busy"}""");
            response.StatusCode = HttpStatusCode.ServiceUnavailable;
            return response;
        }));

        Assert.Contains("status 503: {\"status\":\"UNAVAILABLE\",\"message\":\"busy\"}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallAsync_LocalServices_AreFoundInTheirFile()
    {
        await using var server = await RunningServer.StartAsync(FakeProvider.Saying("found"));
        using var folder = new ContractFolderFile();
        var tool = new ToolDescriptor { Name = "t", Kind = "flowRef", Settings = new JsonObject { ["name"] = "hello", ["url"] = "http://hello.ns.svc:8080" } };
        using var catalog = ToolCatalog.Create(new ToolNetwork { ServicesFile = folder.Path });
        var input = JsonNode.Parse("""{"name":"Bo"}""");

        var error = await Assert.ThrowsAsync<ToolException>(() => catalog.Of(tool).CallAsync(new ToolCall(tool, input, 0), CancellationToken.None));
        await File.WriteAllTextAsync(folder.Path, $$"""{"hello.ns.svc":["{{server.Server.Address.Authority}}"]}""");
        var answer = await catalog.Of(tool).CallAsync(new ToolCall(tool, input, 0), CancellationToken.None);

        Assert.Equal(("nothing answers at hello.ns.svc; is the flow running?", "found"), (error.Message, answer!.ToString()));
    }

    private static HttpResponseMessage Answer(string type, string body) => new() { Content = new StringContent(body, Encoding.UTF8, type) };

    private static async Task<JsonNode?> CallAsync(Func<HttpRequestMessage, HttpResponseMessage> answer, int depth = 0)
    {
        var tool = new ToolDescriptor
        {
            Name = "t",
            Kind = "flowRef",
            Settings = new JsonObject { ["name"] = "other", ["url"] = "http://other.ns.svc:8080", ["path"] = "/other" },
        };
        using var catalog = ToolCatalog.Create(new ToolNetwork(), new Handler(answer));
        return await catalog.Of(tool).CallAsync(new ToolCall(tool, JsonNode.Parse("""{"q":1}"""), depth) { RequestId = "edge-42" }, CancellationToken.None);
    }

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }

    private sealed class ContractFolderFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"services-{Guid.NewGuid():N}.json");

        public void Dispose() => File.Delete(Path);
    }
}
