using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Portal.Runner.Tools;

namespace Portal.Tests.Runner.Tools;

public sealed class HttpToolTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private readonly ToolCatalog _catalog = ToolCatalog.Create(new ToolNetwork { AllowLoopback = true });
    private RequestDelegate _answer = static _ => Task.CompletedTask;

    public HttpToolTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(context => _answer(context));
    }

    private string Url => _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _catalog.Dispose();
    }

    [Theory]
    [InlineData("POST", "/x", "POST /x {\"city\":\"Köln\",\"days\":2}")]
    [InlineData("PUT", "/x", "PUT /x {\"city\":\"Köln\",\"days\":2}")]
    [InlineData("GET", "/x?key=1", "GET /x?key=1&city=K%C3%B6ln&days=2 ")]
    [InlineData("DELETE", "/x", "DELETE /x?city=K%C3%B6ln&days=2 ")]
    public async Task CallAsync_Input_GoesIntoBodyOrQuery(string method, string path, string expected)
    {
        Answer("text/plain", static async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            return $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {JsonNode.Parse(await reader.ReadToEndAsync() is { Length: > 0 } body ? body : "\"\"")!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).Trim('"')}";
        });

        var answer = await CallAsync(new JsonObject { ["url"] = Url + path, ["method"] = method }, """{"city":"Köln","days":2}""");

        Assert.Equal(expected, answer!.GetValue<string>());
    }

    [Theory]
    [InlineData("application/json", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("application/problem+json", "1", "1")]
    [InlineData("text/html", "<p>", "\"\\u003Cp\\u003E\"")]
    [InlineData("", "plain", "\"plain\"")]
    [InlineData("application/json", "", null)]
    public async Task CallAsync_Answer_IsJsonOrText(string type, string body, string? expected)
    {
        Answer(type, _ => Task.FromResult(body));

        Assert.Equal(expected, (await CallAsync())?.ToJsonString());
    }

    [Theory]
    [InlineData("application/json", "{nonsense", 200, "it answered something that is not JSON.")]
    [InlineData("application/json", """{"a":1,"a":2}""", 200, "a key twice")]
    [InlineData("image/png", "x", 200, "it answered with image/png; JSON or text is expected.")]
    [InlineData("text/plain", "no such city: hush-hush", 404, "it answered with status 404: no such city: ***")]
    [InlineData("text/plain", "", 500, "it answered with status 500.")]
    [InlineData("text/plain", "", 302, "a redirect (302), which is not followed")]
    public async Task CallAsync_BadAnswer_SaysWhatIsWrong(string type, string body, int status, string expected)
    {
        Answer(type, context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://169.254.169.254/";
            return Task.FromResult(body);
        });

        var error = await Assert.ThrowsAsync<ToolException>(() => CallAsync(headers: [KeyValuePair.Create("X-Api-Key", "hush-hush")]));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CallAsync_FiftyMegabytes_AreNotRead(bool announced)
    {
        _answer = async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = announced ? 50L * 1024 * 1024 : null;
            while (!context.RequestAborted.IsCancellationRequested)
            {
                // What was announced never comes, and what was not never ends: only a caller who leaves ends the call.
                await context.Response.Body.WriteAsync(new byte[announced ? 0 : 64 * 1024]);
                await context.Response.Body.FlushAsync();
                await Task.Yield();
            }
        };

        var error = await Assert.ThrowsAsync<ToolException>(() => CallAsync());

        Assert.Equal("it answered more than 1024 KB.", error.Message);
    }

    [Fact]
    public async Task CallAsync_Headers_AreReadAnewEachTime()
    {
        Answer("text/plain", static context => Task.FromResult(context.Request.Headers.Authorization + "|" + context.Request.ContentType));
        var value = "Bearer one";
        var tool = Tool(new JsonObject { ["url"] = Url }) with
        {
            Headers = () => [KeyValuePair.Create("Authorization", value), KeyValuePair.Create("Content-Type", "application/vnd.x+json")],
        };

        var first = await _catalog.Of(tool).CallAsync(new ToolCall(tool, null, 0), CancellationToken.None);
        value = "Bearer two";
        var second = await _catalog.Of(tool).CallAsync(new ToolCall(tool, null, 0), CancellationToken.None);

        Assert.Equal(("Bearer one|application/vnd.x+json", "Bearer two|application/vnd.x+json"), (first!.ToString(), second!.ToString()));
    }

    [Theory]
    [InlineData("X-Key", "a\r\nX-Other: b")]
    [InlineData("Bad Name", "a")]
    [InlineData("Host", "elsewhere")]
    public async Task CallAsync_HeaderThatCannotBeSent_IsNamedWithoutItsValue(string name, string value)
    {
        var error = await Assert.ThrowsAsync<ToolException>(() => CallAsync(headers: [KeyValuePair.Create(name, value)]));

        Assert.Equal($"the header \"{name}\" of its Secret cannot be sent.", error.Message);
    }

    [Fact]
    public async Task CallAsync_HangsUp_SaysSo()
    {
        _answer = static context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };

        Assert.StartsWith("it cannot be reached", (await Assert.ThrowsAsync<ToolException>(() => CallAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallAsync_Cancelled_ClosesTheConnection()
    {
        using var source = new CancellationTokenSource();
        var closed = new TaskCompletionSource();
        _answer = async context =>
        {
            context.RequestAborted.Register(closed.SetResult);
            await source.CancelAsync();
            await closed.Task;
        };

        var tool = Tool(new JsonObject { ["url"] = Url });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _catalog.Of(tool).CallAsync(new ToolCall(tool, null, 0), source.Token));
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task CallAsync_UnknownKind_SaysWhichThereAre()
    {
        var tool = Tool([]) with { Kind = "grpc" };

        await Task.CompletedTask;
        Assert.Contains("\"grpc\" is of no kind this runner knows: flowRef, http", Assert.Throws<ToolException>(() => _catalog.Of(tool)).Message, StringComparison.Ordinal);
    }

    private void Answer(string type, Func<HttpContext, Task<string>> body) => _answer = async context =>
    {
        var text = await body(context);
        if (type.Length > 0)
        {
            context.Response.ContentType = type;
        }

        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
    };

    private static ToolDescriptor Tool(JsonObject settings) => new() { Name = "t", Kind = "http", Settings = settings };

    private Task<JsonNode?> CallAsync(JsonObject? settings = null, string? input = null, IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        var tool = Tool(settings ?? new JsonObject { ["url"] = Url }) with { Headers = () => headers ?? [] };
        return _catalog.Of(tool).CallAsync(new ToolCall(tool, input is null ? null : JsonNode.Parse(input), 0), CancellationToken.None);
    }
}
