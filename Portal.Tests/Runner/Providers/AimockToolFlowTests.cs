using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;
using Portal.Runner.Tools;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Providers;

/// <summary>The whole way with tools: a flow whose model calls an HTTP endpoint and another flow at once, and answers with JSON.</summary>
public sealed class AimockToolFlowTests(AimockFixture aimock) : IClassFixture<AimockFixture>, IDisposable
{
    private const string Prompt = """
        ---
        tools: [get_weather, find_user]
        output:
          schema:
            advice: string
            days: integer
        ---
        use two tools
        """;

    private readonly ContractFolder _asking = new();
    private readonly ContractFolder _answering = new();
    private readonly HttpClient _client = ProviderCatalog.CreateHttpClient();

    [Theory]
    [MemberData(nameof(AimockTests.Providers), MemberType = typeof(AimockTests))]
    public async Task Post_FlowWithTwoTools_AnswersWholeAndStreamed(string provider)
    {
        var asked = new ConcurrentQueue<string>();
        await using var weather = await StartWeatherAsync(asked);

        // The mock answers only to a last tool result that speaks of snow: what the other flow says must reach it too.
        _answering.Write("config.json", """{"flowName":"find-user"}""").Write("prompts/who.prompt", "---\nmodel: demo/echo-stream\nconfig:\n  delayMs: 0\n---\nThe snowman");
        await using var answering = await StartAsync(_answering);
        var known = AimockProvider.Find(provider);
        known.Authorize(_client, AimockFixture.GoodKey);
        WriteFiles(known, weather.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(), answering.Address);
        await using var server = await StartAsync(_asking);

        var whole = JsonNode.Parse(await PostAsync(server, "application/json"))!["result"];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"advice":"Take boots.","days":2}"""), whole), whole?.ToJsonString());

        var frames = (await PostAsync(server, "text/event-stream")).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static frame => JsonNode.Parse(frame[6..])!).ToList();
        Assert.True(JsonNode.DeepEquals(whole, frames[^1]["result"]), frames[^1].ToJsonString());
        var tools = frames.Select(static frame => frame["message"]).Single(static message => message?["role"]?.ToString() == "tool")!;
        Assert.Equal("1", tools["index"]!.ToJsonString());
        Assert.Equal(["get_weather", "find_user"], tools["content"]!.AsArray().Select(static part => part!["toolResponse"]!["name"]!.ToString()));
        Assert.Equal("snow", tools["content"]![0]!["toolResponse"]!["output"]!["sky"]!.ToString());
        Assert.StartsWith("[demo] ", tools["content"]![1]!["toolResponse"]!["output"]!.ToString(), StringComparison.Ordinal);
        Assert.All(frames.SkipLast(1).Where(static frame => frame["message"]!["role"]!.ToString() == "model"), static frame => Assert.Contains(frame["message"]!["index"]!.ToJsonString(), (string[])["0", "2"]));

        Assert.Equal(["hush {\"city\":\"Tromsø \\\"north\\\"\",\"days\":2}", "hush {\"city\":\"Tromsø \\\"north\\\"\",\"days\":2}"], asked);
    }

    public void Dispose()
    {
        _client.Dispose();
        _asking.Dispose();
        _answering.Dispose();
    }

    private static async Task<WebApplication> StartWeatherAsync(ConcurrentQueue<string> asked)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var input = JsonNode.Parse(await reader.ReadToEndAsync())!;
            asked.Enqueue($"{context.Request.Headers["X-Api-Key"]} {{\"city\":\"{input["city"]!.ToString().Replace("\"", "\\\"", StringComparison.Ordinal)}\",\"days\":{input["days"]!.ToJsonString()}}}");
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"sky":"snow"}""");
        });
        await app.StartAsync();
        return app;
    }

    private static Task<RunnerServer> StartAsync(ContractFolder folder)
    {
        var options = new RunnerOptions { Root = folder.Root, Port = 0, Host = IPAddress.Loopback, ToolNetwork = new ToolNetwork { AllowLoopback = true } };
        var client = ProviderCatalog.CreateHttpClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + AimockFixture.GoodKey);
        return RunnerServer.StartAsync(options, ProviderCatalog.Create(client, TimeProvider.System), TimeProvider.System, static logging => logging.ClearProviders(), CancellationToken.None);
    }

    private void WriteFiles(AimockProvider provider, string weather, Uri flow)
    {
        var extra = (JsonObject)provider.ExtraConfig.DeepClone();
        extra["maxRetries"] = 0;
        extra[provider.AddressSetting] = aimock.Url + provider.Path;
        var config = new JsonObject
        {
            ["flowName"] = "ask",
            ["defaultModel"] = new JsonObject { ["provider"] = provider.Name, ["model"] = "some-model" },
            ["plugin"] = new JsonObject { ["type"] = provider.Name, ["extraConfig"] = extra },
            ["credentialsDir"] = "/genkit/credentials",
        };
        _asking.Write("config.json", config.ToJsonString())
            .Write("prompts/question.prompt", Prompt)
            .Write($"credentials/{provider.KeyName ?? "UNUSED"}", AimockFixture.GoodKey)
            .Write("headers/weather/X-Api-Key", "hush\n")
            .Write("tools/get_weather.json", new JsonObject
            {
                ["definition"] = new JsonObject { ["name"] = "get_weather", ["description"] = "Tells the weather.", ["inputSchema"] = ToolSamples.Weather.InputSchema!.DeepClone() },
                ["implementation"] = new JsonObject { ["http"] = new JsonObject { ["url"] = weather, ["headersSecretRef"] = new JsonObject { ["name"] = "weather", ["dir"] = "/genkit/headers/weather" } } },
            }.ToJsonString())
            .Write("tools/find_user.json", new JsonObject
            {
                ["name"] = "find_user",
                ["description"] = "Tells who asks.",
                ["implementation"] = new JsonObject { ["flowRef"] = new JsonObject { ["name"] = "find-user", ["url"] = flow.GetLeftPart(UriPartial.Authority), ["path"] = "/find-user" } },
            }.ToJsonString());
    }

    private async Task<string> PostAsync(RunnerServer server, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/ask")) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd(accept);
        using var response = await _client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }
}
