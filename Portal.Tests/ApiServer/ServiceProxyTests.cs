using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portal.ApiServer;

namespace Portal.Tests.ApiServer;

public sealed class ServiceProxyTests : IAsyncLifetime
{
    private const string Proxy = "/api/v1/namespaces/default/services/echo:http/proxy";

    private TestApi _api = null!;
    private WebApplication _backend = null!;
    private TaskCompletionSource _goOn = null!;

    public async Task InitializeAsync()
    {
        _goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _backend = Backend();
        await _backend.StartAsync();
        _api = await TestApi.StartAsync(new ApiServerOptions { SecurePort = 0 });
        await _api.SendAsync("POST", "/api/v1/namespaces/default/services", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject { ["name"] = "echo" },
            ["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 8080 }) },
        }, HttpStatusCode.Created);
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task Request_ToAReadyEndpoint_CarriesMethodPathQueryBodyButNoCredentials()
    {
        await AddSliceAsync(ready: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Proxy}/a/b?c=d") { Content = new StringContent("hello") };
        var token = _api.Server.Kubeconfig!.Split("token: ")[1].Split('\n')[0];
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        request.Headers.TryAddWithoutValidation("X-Kept", "yes");

        using var response = await _api.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("POST /a/b?c=d hello kept=yes authorization=", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Stream_OfTheBackend_ArrivesWhileItGoesOn()
    {
        await AddSliceAsync(ready: true);

        using var response = await _api.Http.GetAsync($"{Proxy}/stream", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("first", await reader.ReadLineAsync());
        _goOn.SetResult();
        Assert.Equal("second", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Request_WithoutAReadyEndpoint_Is503()
    {
        await AddSliceAsync(ready: false);

        var (status, body) = await _api.SendAsync("GET", Proxy + "/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("no endpoints available for service \"echo\"", (string?)body["message"]);
    }

    [Theory]
    [InlineData("missing", HttpStatusCode.NotFound)]
    [InlineData("https:echo:http", HttpStatusCode.BadRequest)]
    [InlineData("a:b:c:d", HttpStatusCode.BadRequest)]
    [InlineData("echo:other", HttpStatusCode.ServiceUnavailable)]
    public async Task Request_ForWhatIsNotThere_IsRefused(string service, HttpStatusCode expected)
    {
        await AddSliceAsync(ready: true);

        var (status, _) = await _api.SendAsync("GET", $"/api/v1/namespaces/default/services/{service}/proxy/");

        Assert.Equal(expected, status);
    }

    private async Task AddSliceAsync(bool ready) => await _api.SendAsync("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", new JsonObject
    {
        ["apiVersion"] = "discovery.k8s.io/v1",
        ["kind"] = "EndpointSlice",
        ["addressType"] = "IPv4",
        ["metadata"] = new JsonObject { ["name"] = "echo-1", ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "echo" } },
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = new Uri(_backend.Urls.First()).Port }),
        ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray("127.0.0.1"), ["conditions"] = new JsonObject { ["ready"] = ready } }),
    }, HttpStatusCode.Created);

    private WebApplication Backend()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/stream", async (HttpContext http) =>
        {
            await http.Response.WriteAsync("first\n");
            await http.Response.Body.FlushAsync();
            await _goOn.Task;
            await http.Response.WriteAsync("second\n");
        });
        app.MapFallback(async (HttpContext http) =>
        {
            var body = await new StreamReader(http.Request.Body).ReadToEndAsync();
            http.Response.StatusCode = 202;
            await http.Response.WriteAsync(
                $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString} {body} kept={http.Request.Headers["X-Kept"]} authorization={http.Request.Headers.Authorization}");
        });
        return app;
    }
}
