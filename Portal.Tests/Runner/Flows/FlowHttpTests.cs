using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Flows;

/// <summary>What a caller can send wrong, and what goes along with a call besides its body.</summary>
public class FlowHttpTests
{
    private const string Strict = "---\nmodel: fake/m\ninput:\n  schema:\n    type: object\n    properties:\n      name: {type: string}\n    required: [name]\n    additionalProperties: false\n---\nHi {{name}}";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("{}", "name", "is required")]
    [InlineData("{\"name\":\"Bo\",\"nmae\":\"Bo\"}", "nmae", "is not a field of the schema")]
    [InlineData("{\"data\":{\"name\":[]}}", "name", "must be string")]
    public async Task Post_InputMissesTheSchema_NamesEachField(string body, string path, string message)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"), ContractFolder.Single(Strict));

        using var response = await runner.PostAsync("/hello", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal("INVALID_ARGUMENT", error["status"]!.GetValue<string>());
        Assert.Equal($$"""{"errors":[{"path":"{{path}}","message":"{{message}}"}]}""", error["details"]!.ToJsonString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_TenMegabytes_IsRefusedWhetherAnnouncedOrNot(bool chunked)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hello") { Content = new ByteArrayContent(new byte[10 * 1024 * 1024]) };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await runner.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("larger than 1048576 bytes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_BodyComesTooSlowly_IsEnded()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"), change: static options => options with { SlowBodyGrace = TimeSpan.FromSeconds(1.1) });
        using var caller = new TcpClient();
        await caller.ConnectAsync(IPAddress.Loopback, runner.Server.Address.Port);
        await caller.GetStream().WriteAsync("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nContent-Type: application/json\r\n\r\n{\"name\""u8.ToArray());

        var answer = await new StreamReader(caller.GetStream()).ReadToEndAsync().WaitAsync(s_patience);

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        using var next = await runner.PostAsync("/hello", """{"name":"Bo"}""");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Log_HasContentOnlyWhenAskedTo(bool asked)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("the answer's words"), change: options => options with { LogContent = asked });

        using var response = await runner.PostAsync("/hello", """{"name":"the input's words"}""");
        await response.Content.ReadAsStringAsync();

        Assert.Equal(asked, runner.Log.Any(static line => line.Contains("words", StringComparison.Ordinal)));
        Assert.Equal(asked ? 2 : 0, runner.Log.Count(static line => line.Contains("asked: ", StringComparison.Ordinal) || line.Contains("answered: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Connect_BeyondTheLimit_IsClosedAndTheOthersGoOn()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"), change: static options => options with { MaxConnections = 2 });
        using var response = await runner.PostAsync("/hello", """{"name":"Bo"}"""); // keeps its connection
        await response.Content.ReadAsStringAsync();
        using TcpClient idle = new(), tooMany = new();
        await idle.ConnectAsync(IPAddress.Loopback, runner.Server.Address.Port);
        await idle.GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await idle.GetStream().ReadExactlyAsync(new byte[10]).AsTask().WaitAsync(s_patience);
        await tooMany.ConnectAsync(IPAddress.Loopback, runner.Server.Address.Port);

        Assert.Equal(0, await ReadToCloseAsync(tooMany.GetStream()).WaitAsync(s_patience));
        using var next = await runner.PostAsync("/hello", """{"name":"Bo"}""");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task Post_CallerLeavesMidStream_TheConnectionToTheProviderIsClosed()
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        using var files = ContractFolder.Single("---\nmodel: openai/m\n---\nHi")
            .Write("config.json", $$$"""{"flowName":"hello","credentialsDir":"/genkit/keys","plugin":{"type":"openai","extraConfig":{"baseURL":"http://{{{upstream.LocalEndpoint}}}/v1"} } }""")
            .Write("keys/OPENAI_API_KEY", "k");
        using var client = ProviderCatalog.CreateHttpClient();
        Assert.True(ProviderCatalog.Create(client, TimeProvider.System).TryGet("openai", out var openAi));
        await using var runner = await RunningServer.StartAsync(openAi, files);
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        runner.Client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        var call = runner.PostAsync("/hello", "", "text/event-stream");
        using var provider = await upstream.AcceptTcpClientAsync().WaitAsync(s_patience);
        var asked = new StreamReader(provider.GetStream());
        List<string> headers = [];
        while (await asked.ReadLineAsync().WaitAsync(s_patience) is { Length: > 0 } line)
        {
            headers.Add(line);
        }

        Assert.Contains(headers, line => line.StartsWith($"traceparent: 00-{trace}-", StringComparison.Ordinal));
        await provider.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"One\"}}]}\n\n"));
        var response = await call;
        var frames = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Contains("One", await frames.ReadLineAsync().WaitAsync(s_patience), StringComparison.Ordinal);

        response.Dispose();

        await asked.ReadToEndAsync().ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(s_patience); // the rest of the body, then the end
    }

    [Fact]
    public async Task Post_TraceAndRequestId_GoAlong()
    {
        string? seen = null;
        await using var runner = await RunningServer.StartAsync(new FakeProvider((_, cancellationToken) => AnswerAsync(cancellationToken)));
        runner.Client.DefaultRequestHeaders.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        runner.Client.DefaultRequestHeaders.Add("x-request-id", "edge-42");

        using var response = await runner.PostAsync("/hello", """{"name":"Bo"}""");

        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", seen);
        Assert.Equal(["4bf92f3577b34da6a3ce929d0e0e4736"], response.Headers.GetValues("x-genkit-trace-id"));
        Assert.Equal(["edge-42"], response.Headers.GetValues("x-request-id"));

        async IAsyncEnumerable<ModelChunk> AnswerAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            seen = Activity.Current?.TraceId.ToHexString();
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return FakeProvider.Text("Hi");
            yield return FakeProvider.End;
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("with spaces and \u00e9")]
    [InlineData("")]
    public async Task Post_NoUsableRequestId_GetsTheCallsId(string? id)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hello") { Content = new StringContent("""{"name":"Bo"}""", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("x-request-id", id is null ? [] : [id.Replace("\u00e9", "!", StringComparison.Ordinal)]);

        using var response = await runner.Client.SendAsync(request);

        Assert.Equal(response.Headers.GetValues("x-genkit-call-id"), response.Headers.GetValues("x-request-id"));
    }

    [Theory]
    [InlineData("https://app.example", "https://app.example", "https://app.example")]
    [InlineData("*", "https://any.example", "*")]
    [InlineData("https://app.example", "https://evil.example", null)]
    [InlineData("", "https://app.example", null)]
    public async Task Cors_OnlyConfiguredOrigins(string configured, string origin, string? allowed)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"), change: options => options with { CorsOrigins = configured.Split(',', StringSplitOptions.RemoveEmptyEntries) });
        runner.Client.DefaultRequestHeaders.Add("Origin", origin);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/hello");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type");

        using var before = await runner.Client.SendAsync(preflight);
        using var call = await runner.PostAsync("/hello", """{"name":"Bo"}""");

        Assert.Equal(allowed is null ? HttpStatusCode.MethodNotAllowed : HttpStatusCode.NoContent, before.StatusCode);
        foreach (var response in new[] { before, call })
        {
            Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null);
        }
    }

    [Fact]
    public async Task Get_OpenApi_DescribesWhatCanBeCalled()
    {
        using var files = ContractFolder.Single(Strict).Write("prompts/worse.prompt", "{{#if");
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"), files);

        var document = JsonNode.Parse(await runner.Client.GetStringAsync("/openapi.json"))!;

        Assert.Equal(["/greeting", "/hello"], document["paths"]!.AsObject().Select(static path => path.Key));
        var post = document["paths"]!["/hello"]!["post"]!;
        var forms = post["requestBody"]!["content"]!["application/json"]!["schema"]!["anyOf"]!.AsArray();
        Assert.Equal("name", forms[0]!["required"]![0]!.GetValue<string>());
        Assert.Equal("name", forms[1]!["properties"]!["data"]!["required"]![0]!.GetValue<string>());
        Assert.Equal("string", post["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["properties"]!["result"]!["type"]!.GetValue<string>());
    }

    private static async Task<int> ReadToCloseAsync(NetworkStream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0; // reset is closed, too
        }
    }
}
