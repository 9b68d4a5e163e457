using System.Net;
using System.Text;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer;

/// <summary>Clients that send too much, too deep, too slowly, or leave: each is refused or forgotten, and the next request is served.</summary>
public sealed class HostileInputTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task ANameOfAMegabyte_IsRefused(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{ConfigMaps}/{new string('n', 1_000_000)}");

        using var response = await _api.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestUriTooLong, response.StatusCode);
        await ServesAsync();
    }

    [Fact]
    public async Task ANameOfAMegabyteInTheBody_IsInvalid()
    {
        var refused = await _api.SendAsync("POST", ConfigMaps, ConfigMap(new string('n', 1_000_000)), HttpStatusCode.UnprocessableEntity);

        Assert.Equal("metadata.name", refused["details"]!["causes"]![0]!["field"]!.ToString());
    }

    [Theory]
    [InlineData("POST", "application/json", false)]
    [InlineData("POST", "application/json", true)]
    [InlineData("PATCH", "application/merge-patch+json", true)]
    [InlineData("DELETE", "application/json", true)]
    [InlineData("POST", "application/vnd.kubernetes.protobuf", true)]
    public async Task ABodyOfTenMegabytes_IsTooLarge(string method, string type, bool chunked)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), method == "POST" ? ConfigMaps : ConfigMaps + "/a");
        request.Content = new ByteArrayContent(new byte[10_000_000]);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.TransferEncodingChunked = chunked;

        // The server may cut the connection before all is sent: that it refuses and goes on serving is what counts.
        try
        {
            using var response = await _api.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
        catch (HttpRequestException)
        {
            Assert.True(chunked);
        }

        await ServesAsync();
    }

    public static TheoryData<string, string> Deep => new()
    {
        { "application/json", string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000) },
        { "application/json", new string('[', 500_000) },
        { "application/yaml", string.Concat(Enumerable.Repeat("{a: ", 20_000)) + "1" + new string('}', 20_000) },
        { "application/yaml", new string('[', 200_000) },
        { "application/yaml", string.Concat(Enumerable.Range(0, 2_000).Select(depth => new string(' ', depth) + "a:\n")) },
        { "application/yaml", string.Concat(Enumerable.Repeat("- ", 100_000)) },
    };

    [Theory]
    [MemberData(nameof(Deep))]
    public async Task ADeeplyNestedBody_IsBadRequest(string type, string body)
    {
        var (status, answer) = await _api.SendTextAsync("POST", ConfigMaps, body, type);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("BadRequest", answer["reason"]!.ToString());
        await ServesAsync();
    }

    [Fact]
    public async Task ADeepObjectThatGrowsByPatches_IsRefusedBeforeItCannotBeRead()
    {
        var definition = ThingDefinition();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["x-kubernetes-preserve-unknown-fields"] = true;
        await _api.MergeAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.test.example.org", new JsonObject { ["spec"] = definition["spec"]!.DeepClone() });
        await _api.SendAsync("POST", Things, Thing("deep"), HttpStatusCode.Created);
        var path = "/spec/x";
        for (var round = 0; round < 6; round++)
        {
            var value = JsonNode.Parse(string.Concat(Enumerable.Repeat("{\"x\":", 40)) + "{}" + new string('}', 40));
            var patch = new JsonArray(new JsonObject { ["op"] = "add", ["path"] = path, ["value"] = value });
            var (status, _) = await _api.SendAsync("PATCH", Things + "/deep", patch, "application/json-patch+json");
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest, $"round {round}: {status}");
            path += string.Concat(Enumerable.Repeat("/x", 40));
        }

        await _api.GetAsync(Things + "/deep");
        await _api.GetAsync(Things);
    }

    [Fact]
    public async Task DuplicateKeys_AreWarnedOfAndTheLastWins()
    {
        const string Twice = """{"metadata":{"name":"twice"},"data":{"k":"1","k":"2"}}""";

        var (created, body) = await _api.SendTextAsync("POST", ConfigMaps, Twice, "application/json");
        var (strict, refused) = await _api.SendTextAsync("POST", ConfigMaps + "?fieldValidation=Strict", Twice, "application/json");

        Assert.Equal(HttpStatusCode.Created, created);
        Assert.Equal("2", body["data"]!["k"]!.ToString());
        Assert.Equal(HttpStatusCode.BadRequest, strict);
        Assert.Contains("duplicate", refused["message"]!.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> NotUtf8 => new()
    {
        { "application/json", [.. "{\"metadata\":{\"name\":\""u8, 0xFF, 0xFE, .. "\"}}"u8] },
        { "application/json", [.. "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\""u8, 0xC3, 0x28, .. "\"}}"u8] },
        { "application/json", [.. "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\""u8, 0xED, 0xA0, 0x80, .. "\"}}"u8] },
        { "application/json", [.. "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"\\ud800\"}}"u8] },
        { "application/json", [0xFF, 0xFE, (byte)'{', 0, (byte)'}', 0] },
    };

    [Theory]
    [MemberData(nameof(NotUtf8))]
    public async Task BytesThatAreNoUtf8_AreBadRequest(string type, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await _api.Http.PostAsync(ConfigMaps, content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task AnAnchorBomb_IsBadRequest()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var level = 1; level < 30; level++)
        {
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{level}: &a{level} [{string.Join(',', Enumerable.Repeat($"*a{level - 1}", 10))}]\n");
        }

        var (status, answer) = await _api.SendTextAsync("POST", ConfigMaps, bomb.ToString(), "application/yaml");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("BadRequest", answer["reason"]!.ToString());
    }

    [Fact]
    public async Task AnAnchorThatHoldsItself_IsBadRequest()
    {
        var (status, _) = await _api.SendTextAsync("POST", ConfigMaps, "data: &a\n  k: *a\n", "application/yaml");

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task AClientThatSendsHalfABodyAndLeaves_IsForgotten()
    {
        await using (var connection = await ConnectAsync($"POST {ConfigMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{\"metadata\":"))
        {
        }

        await ServesAsync();
        Assert.Empty((await _api.GetAsync(ConfigMaps))["items"]!.AsArray().Where(Named("half")).ToList());
    }

    [Fact]
    public async Task AClientThatSendsByteByByte_IsServed()
    {
        var body = ConfigMap("slow").ToJsonString();
        await using var connection = await ConnectAsync($"POST {ConfigMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        foreach (var one in Encoding.ASCII.GetBytes(body))
        {
            await connection.WriteAsync(new[] { one });
            await connection.FlushAsync();
        }

        using var reader = new StreamReader(connection);
        Assert.StartsWith("HTTP/1.1 201", await reader.ReadToEndAsync().WaitAsync(s_patience), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchersThatLeaveOrStopReading_HoldNobodyUp()
    {
        var leaving = await ConnectAsync($"GET {ConfigMaps}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n");
        await using var silent = await ConnectAsync($"GET {ConfigMaps}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n");
        using var awake = await _api.WatchAsync(ConfigMaps + "?watch=true&fieldSelector=metadata.name%3Dlast");
        await leaving.DisposeAsync();

        // More than the pipe and the watch's queue take: the one who does not read is given up.
        var large = new string('v', 200_000);
        for (var i = 0; i < 20; i++)
        {
            await _api.SendAsync("POST", ConfigMaps, ConfigMap($"c{i}", large), HttpStatusCode.Created);
        }

        await _api.SendAsync("POST", ConfigMaps, ConfigMap("last"), HttpStatusCode.Created);
        Assert.Equal("ADDED last", await awake.NextTextAsync());
    }

    [Fact]
    public async Task ManyConnectionsThatSayNothing_HoldNobodyUp()
    {
        var silent = new List<Stream>();
        for (var i = 0; i < 500; i++)
        {
            silent.Add(await ConnectAsync("GET /api"));
        }

        await ServesAsync();
        foreach (var connection in silent)
        {
            await connection.DisposeAsync();
        }

        await ServesAsync();
    }

    /// <summary>A raw connection to the server on which <paramref name="head"/> was sent.</summary>
    private async Task<Stream> ConnectAsync(string head)
    {
        var handler = (SocketsHttpHandler)_api.Server.Connection.Handler;
        var connection = await handler.ConnectCallback!(null!, CancellationToken.None);
        await connection.WriteAsync(Encoding.ASCII.GetBytes(head));
        await connection.FlushAsync();
        return connection;
    }

    private static Func<JsonNode?, bool> Named(string name) => item => item!["metadata"]!["name"]!.ToString() == name;

    private Task ServesAsync() => _api.GetAsync("/api/v1/namespaces/default").WaitAsync(s_patience);
}
