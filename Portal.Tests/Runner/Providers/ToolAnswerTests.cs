using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Providers;

/// <summary>Tool requests as servers really send them: in pieces, interleaved, without ids, cut off, broken.</summary>
public class ToolAnswerTests
{
    [Fact]
    public async Task OpenAi_InterleavedPieces_BecomeWholeCalls()
    {
        var chunks = await RunAsync("openai", "text/event-stream", Events(
            """{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"c0","type":"function","function":{"name":"a","arguments":""}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"c1","type":"function","function":{"name":"b","arguments":"{\"x\""}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"y\":1}"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":":\"é\"}"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
            """{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":2}}}""",
            "[DONE]"));

        AssertCalls(chunks, ("a", "c0", """{"y":1}"""), ("b", "c1", """{"x":"é"}"""));
        Assert.Equal("stop", chunks[^1].FinishReason);
        Assert.Equal(new TokenUsage { InputTokens = 9, OutputTokens = 4, CachedInputTokens = 5, ReasoningTokens = 2 }, chunks[^1].Usage);
    }

    [Theory]
    [InlineData("""[{"index":0,"id":"c0","function":{"name":"a","arguments":"{}"}},{"index":0,"id":"c1","function":{"name":"a","arguments":"{}"}}]""", "c0", "c1")]
    [InlineData("""[{"id":"c0","function":{"name":"a","arguments":"{}"}},{"id":"c1","function":{"name":"a","arguments":{}}}]""", "c0", "c1")]
    [InlineData("""[{"index":0,"function":{"name":"a"}},{"index":1,"id":"","function":{"name":"a","arguments":"  "}}]""", "local-0", "local-1")]
    public async Task OpenAi_CompatibleServersWays_AreTwoCalls(string calls, string first, string second)
    {
        var whole = await RunAsync("openai", "application/json", $$"""{"choices":[{"message":{"content":null,"tool_calls":{{calls}}},"finish_reason":"tool_calls"}]}""");
        var streamed = await RunAsync("openai", "text/event-stream", Events($$"""{"choices":[{"delta":{"tool_calls":{{calls}}},"finish_reason":"tool_calls"}]}"""));

        AssertCalls(whole, ("a", first, "{}"), ("a", second, "{}"));
        AssertCalls(streamed, ("a", first, "{}"), ("a", second, "{}"));
    }

    [Theory]
    [InlineData("""{\"x\":""", "tool_calls", "tool \"a\" with arguments that are not JSON")]
    [InlineData("""{\"x\":1,\"x\":2}""", "tool_calls", "tool \"a\" with arguments that are not JSON")]
    [InlineData("""{\"x\":""", "length", "Raise config.maxOutputTokens")]
    public async Task OpenAi_BrokenArguments_SaysWhichTool(string arguments, string reason, string expected)
    {
        var body = Events($$$"""{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"a","arguments":"{{{arguments}}}"}}]},"finish_reason":"{{{reason}}}"}]}""");

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync("openai", "text/event-stream", body));

        Assert.Equal(GenkitStatus.Internal, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", "text/event-stream", """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"arguments":"{}"}}]},"finish_reason":"stop"}]}""")]
    [InlineData("anthropic", "application/json", """{"content":[{"type":"tool_use","id":"c","input":{}}],"stop_reason":"tool_use"}""")]
    [InlineData("ollama", "application/json", """{"message":{"tool_calls":[{"function":{"arguments":{}}}]},"done":true}""")]
    public async Task StreamAsync_CallWithoutName_IsRefused(string provider, string contentType, string body)
    {
        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, contentType, contentType == "application/json" ? body : Events(body)));

        Assert.Contains("is not a tool call with a name", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"choices":"none"}""")]
    [InlineData("""{"choices":[7,{"delta":5}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":{"a":[1]},"tool_calls":"x","refusal":[]}}],"usage":[1]}""")]
    [InlineData("""[{"choices":[]}]""")]
    [InlineData("7")]
    public async Task OpenAi_FrameOfAnotherShape_IsPassedOver(string frame)
    {
        var chunks = await RunAsync("openai", "text/event-stream", Events(frame, """{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}"""));

        Assert.Equal("Hi", string.Concat(chunks.SelectMany(static chunk => chunk.Content).OfType<TextPart>().Select(static part => part.Text)));
    }

    [Theory]
    [InlineData("openai", "{\"choices\":[]}{")]
    [InlineData("openai", "{\"choices\":[{\"delta\":{\"content\":\"\\ud800\"}}]")]
    [InlineData("anthropic", "{\"type\":\"a\",\"type\":\"b\"}")]
    public async Task StreamAsync_FrameThatIsNotJson_SaysSo(string provider, string frame) =>
        Assert.Contains("is not JSON", (await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, "text/event-stream", Events(frame)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Anthropic_StreamWithThinkingAndTools_KeepsSealsAndPutsCallsTogether()
    {
        var chunks = await RunAsync("anthropic", "text/event-stream", Events(
            """{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_creation_input_tokens":7}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"seal"}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"xyz"}}""",
            """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"a","input":{}}}""",
            """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}""",
            """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"x\":"}}""",
            """{"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"srv","name":"web_search","input":{}}}""",
            """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"q\":1}"}}""",
            """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}""",
            """{"type":"content_block_stop","index":2}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":8}}""",
            """{"type":"message_stop"}"""));

        AssertCalls(chunks, ("a", "toolu_1", """{"x":1}"""));
        var thoughts = chunks.SelectMany(static chunk => chunk.Content).OfType<ReasoningPart>().ToList();
        Assert.Equal(["hm", "", ""], thoughts.Select(static part => part.Text));
        Assert.Equal([null, "seal", null], thoughts.Select(static part => part.Metadata?["thoughtSignature"]?.ToString()));
        Assert.Equal("xyz", thoughts[2].Metadata!["redactedThinking"]!.ToString());
        Assert.Equal("stop", chunks[^1].FinishReason);
        Assert.Equal(new TokenUsage { InputTokens = 10, OutputTokens = 8, CacheWriteTokens = 7 }, chunks[^1].Usage);
    }

    [Fact]
    public async Task GoogleAi_CallsWithAndWithoutId_KeepSealsAndGetIds()
    {
        var chunks = await RunAsync("googleai", "application/json",
            """
            {"candidates":[{"content":{"role":"model","parts":[{"text":"I plan.","thought":true},{"functionCall":{"name":"a","args":{"x":1}},"thoughtSignature":"seal"},
             {"functionCall":{"id":"g7","name":"b"}},{"text":"","thoughtSignature":"end"}]},"finishReason":"STOP"}],
             "usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"thoughtsTokenCount":3}}
            """);

        AssertCalls(chunks, ("a", "local-0", """{"x":1}"""), ("b", "g7", "{}"));
        Assert.Equal([null, "seal", null, "end"], chunks[0].Content.Select(static part => part.Metadata?["thoughtSignature"]?.ToString()));
    }

    [Fact]
    public async Task Ollama_StreamedCalls_GetIds()
    {
        var chunks = await RunAsync("ollama", "application/x-ndjson",
            """
            {"message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"a","arguments":{"x":1}}}]},"done":false}
            {"message":{"role":"assistant","content":"","tool_calls":[{"id":"o1","function":{"name":"b"}}]},"done":false}
            {"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}

            """);

        AssertCalls(chunks, ("a", "local-0", """{"x":1}"""), ("b", "o1", "{}"));
        Assert.Equal("stop", chunks[^1].FinishReason);
    }

    private static void AssertCalls(IEnumerable<ModelChunk> chunks, params (string Name, string Ref, string Input)[] expected) => Assert.Equal(
        expected, chunks.SelectMany(static chunk => chunk.Content).OfType<ToolRequestPart>().Select(static call => (call.Name, call.Ref!, Unescaped(call.Input!))));

    private static string Unescaped(JsonNode input) => input.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static string Events(params ReadOnlySpan<string> frames) => string.Concat(frames.ToArray().Select(static frame => $"data: {frame}\n\n"));

    private static async Task<List<ModelChunk>> RunAsync(string provider, string contentType, string body)
    {
        using var handler = ScriptedHandler.Answering(body, contentType);
        using var client = new HttpClient(handler, disposeHandler: false);
        Assert.True(ProviderCatalog.Create(client, new ManualTimeProvider()).TryGet(provider, out var found));
        return await found.StreamAsync(new ModelRequest
        {
            Model = "m",
            Messages = [new Message("user", [new TextPart("Hi")])],
            Config = [],
            ApiKey = "k",
            BaseUrl = "https://models.test/v1",
            Tools = ToolSamples.Both,
        }, CancellationToken.None).ToListAsync();
    }
}
