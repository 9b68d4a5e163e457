using Portal.Dotprompt.Documents;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Engine;

namespace Portal.Tests.Runner.Providers;

public sealed class DemoToolsTests : IDisposable
{
    private readonly HttpClient _client = ProviderCatalog.CreateHttpClient();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("What is the Weather in Bonn?", "", true)]
    [InlineData("Hello", "", false)]
    [InlineData("Hello", "toolChoice: required\n", true)]
    [InlineData("Weather?", "toolChoice: none\n", false)]
    public async Task StreamAsync_MessageNamesATool_CallsItAndRepeatsItsAnswer(string message, string frontmatter, bool called)
    {
        var tools = new FakeTool(static (_, _) => Task.FromResult<JsonNode?>(new JsonObject { ["sky"] = "snow" }));
        var call = new GenerateCall
        {
            Prompt = DotpromptDocument.Parse($"---\nmodel: demo/echo-stream\nconfig:\n  delayMs: 0\ntools: [weather]\n{frontmatter}---\n{message}"),
            Runtime = new RuntimeConfig(),
            Credentials = new EnvironmentCredentials(),
            Tools = [FakeTool.Tool("weather") with { InputSchema = (JsonObject)JsonNode.Parse("""{"type":"object","required":["city"],"properties":{"city":{"type":"string"}}}""")! }],
        };

        var events = await new FlowEngine(ProviderCatalog.Create(_client, TimeProvider.System), TimeProvider.System, tools.Catalog).StreamAsync(call, CancellationToken.None).ToListAsync();

        Assert.Equal(called ? ["{\"city\":\"[demo] city\"}"] : [], tools.Calls.Select(static item => item.Input!.ToJsonString()));
        Assert.Equal(called, events.OfType<GenerateEvent.Completed>().Single().Result.Message.Text == "[demo] The tool weather answered: {\"sky\":\"snow\"}.");
    }
}
