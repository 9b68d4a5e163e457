using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Providers;

/// <summary>The whole way: contract files, HTTP endpoint, provider, and an independent mock of the vendor.</summary>
public sealed class AimockFlowTests(AimockFixture aimock) : IClassFixture<AimockFixture>, IDisposable
{
    private readonly ContractFolder _folder = new();
    private readonly HttpClient _client = ProviderCatalog.CreateHttpClient();

    [Theory]
    [MemberData(nameof(AimockTests.Providers), MemberType = typeof(AimockTests))]
    public async Task Post_Flow_StreamsAndAnswersAndPassesErrorsOn(string provider)
    {
        var known = AimockProvider.Find(provider);
        await using var server = await StartAsync(known);

        var (status, text) = await PostAsync(server, "say hello", "text/plain");
        Assert.Equal((HttpStatusCode.OK, "Hello from the mock, dear tester."), (status, text));

        var stream = (await PostAsync(server, "say hello", "text/event-stream")).Text;
        Assert.True(stream.Split("\n\n").Length > 5, stream);
        Assert.EndsWith("data: {\"result\":\"Hello from the mock, dear tester.\"}\n\n", stream, StringComparison.Ordinal);

        foreach (var accept in new[] { "text/plain", "text/event-stream" })
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(server, "be limited", accept)).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(server, "break down", accept)).Status);
            Assert.Equal(HttpStatusCode.InternalServerError, (await PostAsync(server, "be garbled", accept)).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(server, "hang up at once", accept)).Status);
        }

        var broken = (await PostAsync(server, "stop midway", "text/event-stream")).Text;
        Assert.StartsWith("data: {\"message\":", broken, StringComparison.Ordinal);
        Assert.EndsWith($"data: {{\"error\":{{\"status\":\"UNAVAILABLE\",\"message\":\"{provider}: the connection ended before the answer did.\"}}}}\n\n", broken, StringComparison.Ordinal);

        if (known.KeyName is not { } keyName)
        {
            return;
        }

        _folder.Write($"credentials/{keyName}", "rotated-to-a-wrong-one");
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(server, "say hello", "text/plain")).Status);
        _folder.Write($"credentials/{keyName}", AimockFixture.GoodKey);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "say hello", "text/plain")).Status);
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private async Task<RunnerServer> StartAsync(AimockProvider provider)
    {
        provider.Authorize(_client, AimockFixture.GoodKey);
        var extraConfig = (JsonObject)provider.ExtraConfig.DeepClone();
        extraConfig[provider.AddressSetting] = aimock.Url + provider.Path;
        extraConfig["maxRetries"] = 0;
        var config = new JsonObject
        {
            ["flowName"] = "ask",
            ["defaultModel"] = new JsonObject { ["provider"] = provider.Name, ["model"] = "some-model" },
            ["plugin"] = new JsonObject { ["type"] = provider.Name, ["extraConfig"] = extraConfig },
            ["credentialsDir"] = "/genkit/credentials",
        };
        _folder.Write("config.json", config.ToJsonString()).Write("prompts/question.prompt", "{{question}}").Write($"credentials/{provider.KeyName ?? "UNUSED"}", AimockFixture.GoodKey + "\n");
        var options = new RunnerOptions { Root = _folder.Root, Port = 0, Host = IPAddress.Loopback };
        return await RunnerServer.StartAsync(options, ProviderCatalog.Create(_client, TimeProvider.System), TimeProvider.System, static logging => logging.ClearProviders(), CancellationToken.None);
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(RunnerServer server, string question, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/ask"))
        {
            Content = new StringContent(new JsonObject { ["question"] = question }.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd(accept);
        using var response = await _client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
