using System.Net;
using System.Text;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Runner.Providers.Bedrock;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Providers;

public class BedrockTests
{
    private static readonly (string, string)[] s_pair = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "very/secret+key")];

    // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
    [Fact]
    public void Build_ToolRound_IsAsItsReferenceSays() => AssertJson(
        """
        {"messages":[{"role":"user","content":[{"text":"Look:"},{"image":{"format":"png","source":{"bytes":"AAAA"}}},{"document":{"format":"pdf","name":"document-1","source":{"bytes":"UERG"}}}]},
        {"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"seal"}}},{"toolUse":{"toolUseId":"t1","name":"get_weather","input":{"city":"Oslo"}}}]},
        {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"{\"error\":\"closed\"}"}],"status":"error"}},{"text":"And now?"}]}],
        "system":[{"text":"Be kind."}],
        "toolConfig":{"tools":[{"toolSpec":{"name":"find_user","description":"Tells who asks.","inputSchema":{"json":{"type":"object","properties":{}}}}}],"toolChoice":{"any":{}}},
        "additionalModelRequestFields":{"top_k":4},"guardrailConfig":{"guardrailIdentifier":"g"},
        "inferenceConfig":{"temperature":0.5,"maxTokens":9,"topP":0.9,"stopSequences":["X"]}}
        """,
        BedrockRequest.Build(Request(
            new Message("system", [new TextPart("Be kind.")]),
            new Message("user", [new TextPart("Look:"), new MediaPart("data:image/png;base64,AAAA", null), new MediaPart("data:application/pdf;base64,UERG", null)]),
            new Message("model", [new ReasoningPart("unsealed"), new ReasoningPart("hm") { Metadata = new JsonObject { ["thoughtSignature"] = "seal" } }, new ToolRequestPart("get_weather", "t1", new JsonObject { ["city"] = "Oslo" })]),
            new Message("tool", [new ToolResponsePart("get_weather", "t1", new JsonObject { ["error"] = "closed" })]),
            new Message("user", [new TextPart("And now?")])) with
        {
            Model = "eu.anthropic.some-model-v1:0",
            Config = (JsonObject)JsonNode.Parse("""{"temperature":0.5,"maxOutputTokens":9,"topP":0.9,"topK":4,"stopSequences":"X","guardrailConfig":{"guardrailIdentifier":"g"}}""")!,
            Tools = [ToolSamples.User],
            ToolChoice = "required",
        }));

    [Fact]
    public void Build_FailedToolOfAModelWithoutTheMark_IsNotMarked()
    {
        var request = Request(new Message("model", [new ToolRequestPart("a", "t", null)]), new Message("tool", [new ToolResponsePart("a", "t", new JsonObject { ["error"] = "closed" })]));

        Assert.DoesNotContain("status", BedrockRequest.Build(request with { Model = "meta.llama3" }).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_NoToolMayBeCalled_OffersThemOnlyForTheHistorysSake()
    {
        var request = Request(new Message("user", [new TextPart("Hi")])) with { Tools = ToolSamples.Both, ToolChoice = "none" };

        Assert.False(BedrockRequest.Build(request).ContainsKey("toolConfig"));
        var body = BedrockRequest.Build(request with { Messages = [.. request.Messages, new Message("model", [new ToolRequestPart("a", "t", null)]), new Message("tool", [new ToolResponsePart("a", "t", null)])] });
        Assert.Null(body["toolConfig"]!["toolChoice"]);
    }

    [Fact]
    public async Task StreamAsync_KeyPair_SignsAndNamesModelAndRegion()
    {
        HttpRequestMessage? sent = null;
        using var handler = new ScriptedHandler((message, _) =>
        {
            sent = message;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent("""{"output":{"message":{"content":[{"text":"Hi"}]}},"stopReason":"end_turn","usage":{"inputTokens":3,"outputTokens":1,"cacheReadInputTokens":10,"cacheWriteInputTokens":5}}""", Encoding.UTF8, "application/json"),
            });
        });

        var chunk = Assert.Single(await RunAsync(handler, Request(new Message("user", [new TextPart("Hi")])) with
        {
            Model = "arn:aws:bedrock:eu-central-1:1:inference-profile/eu.some-model-v1:0",
            Stream = false,
            BaseUrl = null,
            Plugin = new RuntimePlugin { Type = "bedrock", Region = "us-east-1", ExtraConfig = new JsonObject { ["region"] = "eu-central-1" } },
            Credentials = new DictionaryCredentials([.. s_pair, ("AWS_SESSION_TOKEN", "a-token")]),
        }));

        Assert.Equal("https://bedrock-runtime.eu-central-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A1%3Ainference-profile%2Feu.some-model-v1%3A0/converse", sent!.RequestUri!.AbsoluteUri);
        Assert.Matches("^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/[0-9]{8}/eu-central-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$", sent.Headers.Authorization!.ToString());
        Assert.Equal(new TokenUsage { InputTokens = 18, OutputTokens = 1, CachedInputTokens = 10, CacheWriteTokens = 5 }, chunk.Usage);
        Assert.Equal("stop", chunk.FinishReason);
    }

    [Fact]
    public async Task StreamAsync_EventStreamInAnyPieces_IsPutTogether()
    {
        byte[] stream =
        [
            .. AwsFrames.Of("messageStart", """{"role":"assistant"}"""),
            .. AwsFrames.Of("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"""),
            .. AwsFrames.Of("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"seal"}}}"""),
            .. AwsFrames.Of("contentBlockDelta", """{"contentBlockIndex":1,"delta":{"text":"Look é"}}"""),
            .. AwsFrames.Of("contentBlockStart", """{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t1","name":"a"}}}"""),
            .. AwsFrames.Of("contentBlockDelta", """{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"x\":"}}}"""),
            .. AwsFrames.Of("contentBlockDelta", """{"contentBlockIndex":2,"delta":{"toolUse":{"input":"1}"}}}"""),
            .. AwsFrames.Of("contentBlockStop", """{"contentBlockIndex":2}"""),
            .. AwsFrames.Of("messageStop", """{"stopReason":"tool_use"}"""),
            .. AwsFrames.Of("metadata", """{"usage":{"inputTokens":3,"outputTokens":1},"metrics":{"latencyMs":1}}"""),
        ];
        using var handler = ScriptedHandler.Streaming(new DripStream(stream), "application/vnd.amazon.eventstream");

        var chunks = await RunAsync(handler, Request(new Message("user", [new TextPart("Hi")])));

        var parts = chunks.SelectMany(static chunk => chunk.Content).ToList();
        Assert.Equal(["hm", ""], parts.OfType<ReasoningPart>().Select(static part => part.Text));
        Assert.Equal("seal", parts[1].Metadata!["thoughtSignature"]!.ToString());
        Assert.Equal("Look é", Assert.Single(parts.OfType<TextPart>()).Text);
        var call = Assert.Single(parts.OfType<ToolRequestPart>());
        Assert.Equal(("a", "t1", """{"x":1}"""), (call.Name, call.Ref, call.Input!.ToJsonString()));
        Assert.Equal("stop", chunks[^1].FinishReason);
        Assert.Equal(new TokenUsage { InputTokens = 3, OutputTokens = 1 }, chunks[^1].Usage);
    }

    [Theory]
    [InlineData(0, "is not an event stream")] // total length
    [InlineData(5, "is not an event stream")] // headers' length
    [InlineData(9, "is not an event stream")] // checksum of both
    [InlineData(20, "is not an event stream")] // a header
    [InlineData(-10, "is not an event stream")] // the payload
    [InlineData(-1, "is not an event stream")] // the checksum
    public async Task StreamAsync_DamagedFrame_IsRefused(int position, string expected)
    {
        var stream = AwsFrames.Of("messageStop", """{"stopReason":"end_turn"}""");
        stream[position < 0 ? stream.Length + position : position] ^= 0x40;

        Assert.Contains(expected, (await FailAsync(stream)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(0)]
    public async Task StreamAsync_EndsTooEarly_SaysSo(int length)
    {
        var error = await FailAsync(AwsFrames.Of("messageStop", """{"stopReason":"end_turn"}""")[..length]);

        Assert.Equal(GenkitStatus.Unavailable, error.Status);
        Assert.Contains("the connection ended before the answer did", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("throttlingException", GenkitStatus.ResourceExhausted)]
    [InlineData("validationException", GenkitStatus.InvalidArgument)]
    [InlineData("internalServerException", GenkitStatus.Unavailable)]
    [InlineData("modelTimeoutException", GenkitStatus.DeadlineExceeded)]
    public async Task StreamAsync_ExceptionInTheStream_IsPassedOn(string type, GenkitStatus expected)
    {
        var error = await FailAsync(AwsFrames.Of(type, """{"message":"too busy"}""", "exception"));

        Assert.Equal(expected, error.Status);
        Assert.Contains("too busy", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UnrecognizedClientException", 403, GenkitStatus.Unauthenticated)]
    [InlineData("ExpiredTokenException:http://internal.amazon.com/", 403, GenkitStatus.Unauthenticated)]
    [InlineData("InvalidSignatureException", 403, GenkitStatus.Unauthenticated)]
    [InlineData("AccessDeniedException", 403, GenkitStatus.PermissionDenied)]
    [InlineData("ThrottlingException", 429, GenkitStatus.ResourceExhausted)]
    public async Task StreamAsync_Refused_TellsKeyFromPermission(string type, int status, GenkitStatus expected)
    {
        using var handler = new ScriptedHandler((_, _) =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("""{"message":"The security token very/secret+key is invalid"}""", Encoding.UTF8, "application/json") };
            response.Headers.Add("x-amzn-ErrorType", type);
            return Task.FromResult(response);
        });

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, Request(new Message("user", [new TextPart("Hi")]))));

        Assert.Equal(expected, error.Status);
        Assert.DoesNotContain("very/secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_HalfAPair_NamesWhatIsMissing()
    {
        using var handler = ScriptedHandler.Answering("", "text/plain");
        var request = Request(new Message("user", [new TextPart("Hi")])) with { Credentials = new DictionaryCredentials(s_pair[0]) };

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, request));

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.Contains("AWS_SECRET_ACCESS_KEY", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "AWS_REGION")]
    [InlineData("evil.test/", "name of one")]
    public async Task StreamAsync_NoOrBadRegion_SaysWhereItIsSet(string? region, string expected)
    {
        using var handler = ScriptedHandler.Answering("", "text/plain");
        var request = Request(new Message("user", [new TextPart("Hi")])) with { Plugin = new RuntimePlugin { Type = "bedrock", Region = region } };

        Assert.Contains(expected, (await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, request))).Message, StringComparison.Ordinal);
    }

    private static ModelRequest Request(params Message[] messages) => new()
    {
        Model = "m",
        Messages = messages,
        Config = [],
        ApiKey = "AKIDEXAMPLE",
        CredentialKey = "AWS_ACCESS_KEY_ID",
        Credentials = new DictionaryCredentials(s_pair),
        Plugin = new RuntimePlugin { Type = "bedrock", Region = "eu-central-1" },
        BaseUrl = "https://models.test",
    };

    private static async Task<GenkitException> FailAsync(byte[] stream)
    {
        using var handler = ScriptedHandler.Streaming(new MemoryStream(stream), "application/vnd.amazon.eventstream");
        return await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, Request(new Message("user", [new TextPart("Hi")]))));
    }

    private static async Task<List<ModelChunk>> RunAsync(HttpMessageHandler handler, ModelRequest request)
    {
        using var client = new HttpClient(handler, disposeHandler: false);
        Assert.True(ProviderCatalog.Create(client, new ManualTimeProvider()).TryGet("bedrock", out var provider));
        return await provider.StreamAsync(request, CancellationToken.None).ToListAsync();
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nactual   {actual.ToJsonString()}");

    /// <summary>Gives one byte at a time, as a slow connection may.</summary>
    private sealed class DripStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
