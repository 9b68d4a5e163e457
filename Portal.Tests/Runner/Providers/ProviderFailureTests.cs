using System.IO.Pipelines;
using System.Net;
using System.Text;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Providers;

/// <summary>What the mock of the vendors cannot play: silence, nonsense that looks right, redirects, keys that come back.</summary>
public class ProviderFailureTests
{
    private const string Key = "sk-secret-0815";
    private readonly ManualTimeProvider _time = new();

    /// <summary>Each provider with the media type of its streams.</summary>
    public static TheoryData<string, string> Streams { get; } = new()
    {
        { "anthropic", "text/event-stream" },
        { "azureaifoundry", "text/event-stream" },
        { "bedrock", "application/vnd.amazon.eventstream" },
        { "googleai", "text/event-stream" },
        { "ollama", "application/x-ndjson" },
        { "openai", "text/event-stream" },
        { "vertexai", "text/event-stream" },
    };

    /// <summary>The beginning of a stream, as far as its first text.</summary>
    private static byte[] FirstFrameOf(string provider) => provider == "bedrock"
        ? AwsFrames.Of("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":"Hi"}}""")
        : Encoding.UTF8.GetBytes(provider switch
        {
            "anthropic" => "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
            "azureaifoundry" => "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
            "googleai" or "vertexai" => "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}],\"role\":\"model\"}}]}\r\n\r\n",
            "ollama" => "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n",
            _ => "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
        });

    [Theory]
    [MemberData(nameof(AimockTests.Providers), MemberType = typeof(AimockTests))]
    public async Task StreamAsync_NoAnswerAtAll_EndsAfterTheIdleTimeout(string provider)
    {
        var asked = new TaskCompletionSource();
        using var handler = new ScriptedHandler(async (_, cancellationToken) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("unreachable");
        });
        var call = RunAsync(provider, handler);
        await asked.Task;

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        var error = await Assert.ThrowsAsync<GenkitException>(() => call);
        Assert.Equal(GenkitStatus.DeadlineExceeded, error.Status);
        Assert.Contains("60 seconds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_StallsMidStream_EndsAfterTheIdleTimeout()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"));
        using var handler = ScriptedHandler.Streaming(pipe.Reader.AsStream());
        await using var chunks = StreamAsync("openai", handler, new JsonObject { ["idleTimeoutSeconds"] = 5 }).GetAsyncEnumerator();
        Assert.True(await chunks.MoveNextAsync());
        var next = chunks.MoveNextAsync().AsTask();

        _time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(GenkitStatus.DeadlineExceeded, (await Assert.ThrowsAsync<GenkitException>(() => next)).Status);
    }

    [Fact]
    public async Task StreamAsync_SlowButAlive_IsNotCutOff()
    {
        var pipe = new Pipe();
        using var handler = ScriptedHandler.Streaming(pipe.Reader.AsStream());
        await using var chunks = StreamAsync("openai", handler).GetAsyncEnumerator();
        for (var round = 0; round < 5; round++)
        {
            var next = chunks.MoveNextAsync().AsTask();
            _time.Advance(TimeSpan.FromSeconds(50));
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"));
            Assert.True(await next);
        }
    }

    [Theory]
    [InlineData("openai", "<html>Welcome</html>", "text/html", "is not JSON")]
    [InlineData("openai", "{\"hello\":1}", "application/json", "is not a chat completion")]
    [InlineData("openai", "[]", "application/json", "is not a chat completion")]
    [InlineData("openai", "data: {oops\n\n", "text/event-stream", "is not JSON")]
    [InlineData("openai", "", "text/event-stream", "the connection ended before the answer did")]
    [InlineData("anthropic", "{\"content\":\"text\"}", "application/json", "is not a message")]
    [InlineData("anthropic", "data: {\"no\":\"type\"}\n\n", "text/event-stream", "is not a message stream")]
    [InlineData("anthropic", "", "text/event-stream", "the connection ended before the answer did")]
    public async Task StreamAsync_Nonsense_SaysSo(string provider, string body, string contentType, string expected)
    {
        using var handler = ScriptedHandler.Answering(body, contentType);

        Assert.Contains(expected, (await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, handler))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task StreamAsync_HalfAFrame_SaysTheConnectionEndedOrIsNonsense(string provider, string contentType)
    {
        byte[] frame = [.. FirstFrameOf(provider), .. FirstFrameOf(provider)[..^6]];
        using var handler = ScriptedHandler.Streaming(new MemoryStream(frame), contentType);
        var chunks = new List<ModelChunk>();

        var error = await Assert.ThrowsAsync<GenkitException>(async () =>
        {
            await foreach (var chunk in StreamAsync(provider, handler))
            {
                chunks.Add(chunk);
            }
        });

        Assert.Equal("Hi", Assert.IsType<TextPart>(Assert.Single(Assert.Single(chunks).Content)).Text);
        Assert.Equal(GenkitStatus.Unavailable, error.Status);
        Assert.Contains("the connection ended before the answer did", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task StreamAsync_StreamOfNoise_EndsWithAnError(string provider, string contentType)
    {
        var noise = new byte[64 * 1024];
        new Random(4711).NextBytes(noise);
        using var handler = ScriptedHandler.Streaming(new MemoryStream([.. "data: "u8, .. noise, .. "\n\n"u8]), contentType);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, handler));

        Assert.Contains(error.Status, new[] { GenkitStatus.Internal, GenkitStatus.Unavailable });
        Assert.InRange(error.Message.Length, 1, 200);
    }

    [Theory]
    [MemberData(nameof(AimockTests.Providers), MemberType = typeof(AimockTests))]
    public async Task StreamAsync_HugeErrorBody_IsNotReadToItsEnd(string provider)
    {
        var body = new EndlessStream();
        using var handler = new ScriptedHandler((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StreamContent(body) }));

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, handler));

        Assert.Equal(GenkitStatus.InvalidArgument, error.Status);
        Assert.InRange(error.Message.Length, 1, 700);
        Assert.InRange(body.Given, 1, 256 * 1024);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task StreamAsync_StreamWithoutEnd_IsStoppedAtItsLimit(string provider, string contentType)
    {
        using var handler = ScriptedHandler.Streaming(new EndlessStream(), contentType);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, handler));

        Assert.Equal(GenkitStatus.Internal, error.Status);
    }

    [Theory]
    [InlineData("openai", "data: {\"error\":{\"message\":\"busy\",\"type\":\"rate_limit_error\"}}\n\n", GenkitStatus.ResourceExhausted)]
    [InlineData("openai", "data: {\"error\":{\"message\":\"busy\"}}\n\n", GenkitStatus.Unavailable)]
    [InlineData("anthropic", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n", GenkitStatus.Unavailable)]
    public async Task StreamAsync_ErrorInsideTheStream_IsPassedOn(string provider, string body, GenkitStatus expected)
    {
        using var handler = ScriptedHandler.Answering(body, "text/event-stream");

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, handler));

        Assert.Equal(expected, error.Status);
        Assert.Contains("busy", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, GenkitStatus.InvalidArgument)]
    [InlineData(403, GenkitStatus.PermissionDenied)]
    [InlineData(404, GenkitStatus.NotFound)]
    [InlineData(413, GenkitStatus.InvalidArgument)]
    [InlineData(302, GenkitStatus.Unavailable)]
    [InlineData(503, GenkitStatus.Unavailable)]
    [InlineData(529, GenkitStatus.Unavailable)]
    public async Task StreamAsync_Status_IsMappedAndTheKeyIsNotRepeated(int status, GenkitStatus expected)
    {
        using var handler = ScriptedHandler.Answering($$$"""{"error":{"message":"bad {{{Key}}}\nsecond line"}}""", "application/json", (HttpStatusCode)status);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync("openai", handler));

        Assert.Equal(expected, error.Status);
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task StreamAsync_KeyNoHeaderCanHold_IsRefusedWithoutRepeatingIt()
    {
        using var handler = ScriptedHandler.Answering("", "text/plain");

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync("openai", handler, key: "sk-first\nline"));

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.DoesNotContain("sk-first", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://example.test")]
    [InlineData("not a url")]
    [InlineData("/v1")]
    [InlineData("https://example.test/v1?api-version=1")]
    [InlineData("https://example.test/#v1")]
    public async Task StreamAsync_BadAddress_NamesTheSetting(string address)
    {
        using var handler = ScriptedHandler.Answering("", "text/plain");

        Assert.Contains("extraConfig.baseURL", (await Assert.ThrowsAsync<GenkitException>(() => RunAsync("openai", handler, address: address))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task StreamAsync_EnumerationEnded_ClosesTheConnection(string provider, string contentType)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(FirstFrameOf(provider));
        using var handler = ScriptedHandler.Streaming(pipe.Reader.AsStream(), contentType);

        await foreach (var _ in StreamAsync(provider, handler))
        {
            break;
        }

        Assert.True((await pipe.Writer.WriteAsync(new byte[1])).IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task StreamAsync_CancelledMidStream_EndsAtOnceAndClosesTheConnection(string provider, string contentType)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(FirstFrameOf(provider));
        using var handler = ScriptedHandler.Streaming(pipe.Reader.AsStream(), contentType);
        using var cancellation = new CancellationTokenSource();
        var chunks = StreamAsync(provider, handler, cancellationToken: cancellation.Token).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await chunks.MoveNextAsync());
        var next = chunks.MoveNextAsync().AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await chunks.DisposeAsync();
        Assert.True((await pipe.Writer.WriteAsync(new byte[1])).IsCompleted);
    }

    [Fact]
    public async Task StreamAsync_AnthropicCacheUsage_CountsCachedInputInTheTotal()
    {
        using var handler = ScriptedHandler.Answering(
            """
            {"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Hi"}],"stop_reason":"max_tokens",
             "usage":{"input_tokens":5,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":3}}
            """, "application/json");

        var chunk = Assert.Single(await RunAsync("anthropic", handler));

        Assert.Equal(new TokenUsage { InputTokens = 125, OutputTokens = 3, CachedInputTokens = 100, CacheWriteTokens = 20 }, chunk.Usage);
        Assert.Equal("length", chunk.FinishReason);
        Assert.Collection(chunk.Content, static part => Assert.IsType<ReasoningPart>(part), static part => Assert.Equal("Hi", Assert.IsType<TextPart>(part).Text));
    }

    private async Task<List<ModelChunk>> RunAsync(string provider, HttpMessageHandler handler, string key = Key, string address = "https://models.test/v1") =>
        await StreamAsync(provider, handler, key: key, address: address).ToListAsync();

    private IAsyncEnumerable<ModelChunk> StreamAsync(
        string provider, HttpMessageHandler handler, JsonObject? extraConfig = null, string key = Key, string address = "https://models.test/v1", CancellationToken cancellationToken = default)
    {
        var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        Assert.True(ProviderCatalog.Create(client, _time).TryGet(provider, out var found));
        return found.StreamAsync(new ModelRequest
        {
            Model = "m",
            Messages = [new Message("user", [new TextPart("Hi")])],
            Config = [],
            Credentials = new DictionaryCredentials(("AWS_BEARER_TOKEN_BEDROCK", key)),
            Plugin = new RuntimePlugin { Type = provider, Region = "eu-central-1", ExtraConfig = extraConfig ?? new JsonObject { ["projectId"] = "p" } },
            ApiKey = key,
            CredentialKey = "THE_KEY",
            BaseUrl = address,
        }, cancellationToken);
    }

    /// <summary>The letter x for ever.</summary>
    private sealed class EndlessStream : MemoryStream
    {
        public long Given { get; private set; }

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
