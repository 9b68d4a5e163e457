using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Portal.Dotprompt.Messages;
using Portal.Operator.Flows;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;
using Portal.Runner.Tools;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Checks 22, B9 to B13 and B17: what the operator writes, read by the runner.</summary>
public class RunnerChecks
{
    private const string World = """
        kind: Secret
        metadata: {name: s, namespace: shop}
        data: {COMPATIBILITY_CHECK_KEY: b3du}
        ---
        kind: PluginConfig
        metadata: {name: pc, namespace: shop}
        spec: {type: Fake, credentialsRef: {name: s}, credentialKeys: [COMPATIBILITY_CHECK_KEY]}
        ---
        kind: Flow
        metadata: {name: f, namespace: shop}
        spec:
          image: x
          modelSpec: {provider: fake, model: m, pluginConfigRef: {name: pc}, defaultConfig: {temperature: 0.3, max_tokens: 64}}
          prompts:
            - prompt: {name: hello, content: "---\nconfig:\n  temperature: 0.9\ntools: [weather, ask]\n---\nHello {{name}}"}
          tools: [{name: weather}, {name: ask}]
        ---
        kind: Secret
        metadata: {name: headers, namespace: shop}
        data: {x-api-key: c2VjcmV0}
        ---
        kind: Tool
        metadata: {name: weather, namespace: shop}
        spec: {definition: {name: weather, description: W.}, implementation: {http: {url: "@URL@/weather", headersSecretRef: {name: headers}}}}
        ---
        kind: Tool
        metadata: {name: ask, namespace: shop}
        spec: {definition: {name: ask, description: A.}, implementation: {flowRef: {name: other}}}
        ---
        kind: Flow
        metadata: {name: other, namespace: shop}
        spec: {image: x, port: 7000}
        """;

    static RunnerChecks() => Environment.SetEnvironmentVariable("COMPATIBILITY_CHECK_KEY", "own");

    private static TestManifests Objects => TestManifests.Parse(World);

    [Fact]
    public async Task Check22_SingleLayout_AnswersAsTheOriginal()
    {
        await using var runner = await RenderedRunner.StartAsync(Objects, Saying("Hi"));

        Assert.Contains("\"routes\":[\"/f\",\"/hello\"]", await runner.Client.GetStringAsync("/"), StringComparison.Ordinal);
        foreach (var probe in new[] { "/healthz", "/readyz" })
        {
            Assert.Equal(HttpStatusCode.OK, (await runner.Client.GetAsync(probe)).StatusCode);
        }

        using var answer = await runner.PostAsync("/hello", """{"name":"Ada"}""");
        Assert.Equal((HttpStatusCode.OK, "text/plain", "Hi"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, await answer.Content.ReadAsStringAsync()));
        using var empty = await runner.PostAsync("/hello", "");
        Assert.Equal(HttpStatusCode.OK, empty.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await runner.Client.GetAsync("/hello")).StatusCode);
        foreach (var body in new[] { "[1]", "{" })
        {
            using var refused = await runner.PostAsync("/hello", body);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("invalid JSON body: ", await refused.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Check22_ProviderFails_Is500()
    {
        await using var runner = await RenderedRunner.StartAsync(Objects, FakeWith(FakeProvider.Throwing(new InvalidOperationException("broken")).StreamAsync));

        using var answer = await runner.PostAsync("/hello", "");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Theory]
    [InlineData("9000")]
    [InlineData("0")]
    public void CheckB09_PortOfTheEnvironment_IsListenedOn(string port) =>
        Assert.Equal(port, RunnerOptions.Parse([], name => name == "PORT" ? port : null).Port.ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void CheckB09_PortOfTheSpec_IsThatOfServiceContainerAndRunner()
    {
        var objects = Objects;
        var flow = objects.Get<Flow>("f");
        flow.Json["spec"]!["port"] = 9000;
        var inputs = FlowDependencies.Resolve(flow, objects).Inputs!;

        var children = FlowRenderer.Render(flow, inputs, FlowFiles.Render("f", inputs), replicas: 1).Children.Select(child => child.Desired.Json).ToList();

        Assert.Equal(9000, (int?)children.Single(child => (string?)child["kind"] == "Service")["spec"]!["ports"]![0]!["targetPort"]);
        var container = children.Single(child => (string?)child["kind"] == "Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal(9000, (int?)container["ports"]![0]!["containerPort"]);
        Assert.Contains(container["env"]!.AsArray(), variable => (string?)variable!["name"] == "PORT" && (string?)variable["value"] == "9000");
    }

    [Fact]
    public async Task CheckB10_KeyOfTheSecretsOwnName_ReachesTheProvider()
    {
        var provider = Saying("Hi");
        await using var runner = await RenderedRunner.StartAsync(Objects, provider);

        using var answer = await runner.PostAsync("/hello", "");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("own", "COMPATIBILITY_CHECK_KEY"), (provider.Requests.Single().ApiKey, provider.Requests.Single().CredentialKey));
    }

    [Fact]
    public async Task CheckB11_DefaultConfig_ReachesTheProviderUnderThatOfThePrompt()
    {
        var provider = Saying("Hi");
        await using var runner = await RenderedRunner.StartAsync(Objects, provider);

        using var answer = await runner.PostAsync("/hello", "");

        var config = provider.Requests.Single().Config;
        Assert.Equal((0.9, 64), ((double?)config["temperature"], (int?)config["maxOutputTokens"]));
    }

    [Fact]
    public async Task CheckB12_HttpToolWithHeadersAndFlowTool_AreReallyCalled()
    {
        await using var called = await CalledServer.StartAsync();
        await using var other = await RunningServer.StartAsync(
            FakeProvider.Saying("From the other flow"), new ContractFolder().Write("config.json", """{"flowName":"other"}""").Write("prompts/p.prompt", "---\nmodel: fake/m\n---\nHi"));
        using var names = new ContractFolder().Write("services.json", $$"""{"other.shop.svc":["127.0.0.1:{{other.Server.Address.Port}}"]}""");
        var asking = Asking("weather", "ask");
        var objects = TestManifests.Parse(World.Replace("@URL@", called.Url, StringComparison.Ordinal));
        await using var runner = await RenderedRunner.StartAsync(objects, asking, options => options with
        {
            ToolNetwork = new ToolNetwork { AllowLoopback = true, ServicesFile = Path.Combine(names.Root, "services.json") },
        });

        using var answer = await runner.PostAsync("/hello", "");

        Assert.Equal("done", await answer.Content.ReadAsStringAsync());
        Assert.Equal("POST /weather secret", called.Request);
        Assert.Equal(
            ["\"sunny\"", "\"From the other flow\""],
            asking.Requests.Last().Messages.SelectMany(message => message.Content).OfType<ToolResponsePart>().Select(part => part.Output!.ToJsonString()));
    }

    [Fact]
    public async Task CheckB13_UnknownRoute_Is404()
    {
        await using var runner = await RenderedRunner.StartAsync(Objects, Saying("Hi"));

        using var answer = await runner.PostAsync("/nope", "{}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData(null, "text/plain", "Hi")]
    [InlineData("application/json", "application/json", """{"result":"Hi"}""")]
    [InlineData("text/event-stream", "text/event-stream", "data: {\"result\":\"Hi\"}\n\n")]
    public async Task CheckB17_Accept_DecidesHowTheAnswerComes(string? accept, string mediaType, string end)
    {
        await using var runner = await RenderedRunner.StartAsync(Objects, Saying("Hi"));

        using var answer = await runner.PostAsync("/hello", "", accept);

        Assert.Equal(mediaType, answer.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith(end, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static FakeProvider Saying(string text) => FakeWith(FakeProvider.Saying(text).StreamAsync);

    /// <summary>Needs a key, as most providers do.</summary>
    private static FakeProvider FakeWith(Func<ModelRequest, CancellationToken, IAsyncEnumerable<ModelChunk>> answer) => new(answer) { DefaultCredentialKeys = ["FAKE_KEY"] };

    private static FakeProvider Asking(params string[] tools)
    {
        return FakeWith((request, _) => AnswerAsync(request));

        async IAsyncEnumerable<ModelChunk> AnswerAsync(ModelRequest request)
        {
            await Task.Yield();
            yield return request.Messages[^1].Role == "tool"
                ? FakeProvider.Text("done")
                : new ModelChunk { Content = [.. tools.Select((tool, index) => new ToolRequestPart(tool, $"{index}", new JsonObject()))] };
            yield return FakeProvider.End;
        }
    }

    /// <summary>What an HTTP tool calls.</summary>
    private sealed class CalledServer : IAsyncDisposable
    {
        private readonly WebApplication _server;

        private CalledServer()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            _server = builder.Build();
            _server.Run(context =>
            {
                Request = $"{context.Request.Method} {context.Request.Path} {context.Request.Headers["x-api-key"]}";
                return context.Response.WriteAsync("sunny");
            });
        }

        public string? Request { get; private set; }

        public string Url => _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public static async Task<CalledServer> StartAsync()
        {
            var server = new CalledServer();
            await server._server.StartAsync();
            return server;
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
