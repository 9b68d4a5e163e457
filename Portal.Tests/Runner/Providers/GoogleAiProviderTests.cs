using System.Net;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Providers;

public class GoogleAiProviderTests
{
    private const string Key = "AIza-secret-0815";
    private const string Done = """{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}""";

    [Theory]
    [InlineData(null, "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent")]
    [InlineData("https://gateway.test/gemini/", "https://gateway.test/gemini/v1beta/models/m:generateContent")]
    [InlineData("https://gateway.test/v1beta", "https://gateway.test/v1beta/models/m:generateContent")]
    [InlineData("https://gateway.test/v1", "https://gateway.test/v1/models/m:generateContent")]
    public async Task StreamAsync_Request_CarriesTheKeyInAHeaderOnly(string? baseUrl, string expected)
    {
        HttpRequestMessage? sent = null;
        using var handler = new ScriptedHandler((request, _) =>
        {
            sent = request;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Done) });
        });

        await RunAsync(handler, stream: false, baseUrl);

        Assert.Equal(expected, sent!.RequestUri!.AbsoluteUri);
        Assert.Equal(Key, Assert.Single(sent.Headers.GetValues("x-goog-api-key")));
        Assert.Null(sent.Headers.Authorization);
    }

    [Fact]
    public async Task StreamAsync_Frames_GiveThoughtsTextMediaAndTheLastUsage()
    {
        using var handler = Events(
            """{"candidates":[{"content":{"parts":[{"text":"Let me see","thought":true}],"role":"model"}}],"usageMetadata":{"promptTokenCount":10,"totalTokenCount":12}}""",
            """{"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0},{"content":{"parts":[{"text":"other"}]},"index":1}]}""",
            """{"candidates":[{"content":{"parts":[{"text":"other"}]},"index":1}]}""",
            """
            {"candidates":[{"content":{"parts":[{"text":"lo"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"executableCode":{}}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":3,"thoughtsTokenCount":5,"cachedContentTokenCount":4,"toolUsePromptTokenCount":2,"totalTokenCount":20}}
            """.Trim());

        var chunks = await RunAsync(handler);

        Assert.Equal("Let me see", Assert.IsType<ReasoningPart>(Assert.Single(chunks[0].Content)).Text);
        Assert.Equal("Hel", Assert.IsType<TextPart>(Assert.Single(chunks[1].Content)).Text);
        Assert.Equal([new TextPart("lo"), new MediaPart("data:image/png;base64,AAAA", "image/png")], chunks[2].Content);
        Assert.Equal(4, chunks.Count);
        Assert.Equal("stop", chunks[3].FinishReason);
        Assert.Equal(new TokenUsage { InputTokens = 12, OutputTokens = 8, CachedInputTokens = 4, ReasoningTokens = 5 }, chunks[3].Usage);
    }

    [Theory]
    [InlineData("STOP", "stop")]
    [InlineData("MAX_TOKENS", "length")]
    [InlineData("SAFETY", "blocked")]
    [InlineData("RECITATION", "blocked")]
    [InlineData("PROHIBITED_CONTENT", "blocked")]
    [InlineData("SPII", "blocked")]
    [InlineData("MALFORMED_FUNCTION_CALL", "other")]
    [InlineData("SOMETHING_NEW", "other")]
    [InlineData("FINISH_REASON_UNSPECIFIED", "unknown")]
    public async Task StreamAsync_FinishReason_IsMappedBothWays(string said, string expected)
    {
        var body = $$"""{"candidates":[{"content":{},"finishReason":"{{said}}"}]}""";
        using var whole = ScriptedHandler.Answering(body, "application/json");
        using var events = Events(body);

        Assert.Equal(expected, Assert.Single(await RunAsync(whole, stream: false)).FinishReason);
        Assert.Equal(expected, Assert.Single(await RunAsync(events)).FinishReason);
    }

    [Fact]
    public async Task StreamAsync_BlockedPrompt_SaysBlockedAndCountsTheInput()
    {
        const string Body = """{"promptFeedback":{"blockReason":"SAFETY","safetyRatings":[]},"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5}}""";
        using var whole = ScriptedHandler.Answering(Body, "application/json");
        using var events = Events(Body);

        foreach (var chunk in (await RunAsync(whole, stream: false)).Concat(await RunAsync(events)))
        {
            Assert.Equal("blocked", chunk.FinishReason);
            Assert.Equal(new TokenUsage { InputTokens = 5, OutputTokens = 0 }, chunk.Usage);
        }
    }

    [Theory]
    [InlineData("text/event-stream", "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}]}}]}\n\n", GenkitStatus.Unavailable, "the connection ended before the answer did")]
    [InlineData("text/event-stream", "", GenkitStatus.Unavailable, "the connection ended before the answer did")]
    [InlineData("text/event-stream", "data: {oops\n\n", GenkitStatus.Internal, "is not JSON")]
    [InlineData("text/event-stream", "data: 3\n\n", GenkitStatus.Internal, "is not a stream of generated content")]
    [InlineData("text/event-stream", "data: {\"error\":{\"code\":429,\"message\":\"busy\",\"status\":\"RESOURCE_EXHAUSTED\"}}\n\n", GenkitStatus.ResourceExhausted, "busy")]
    [InlineData("text/event-stream", "data: {\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}\n\n", GenkitStatus.Unavailable, "busy")]
    [InlineData("application/json", "{}", GenkitStatus.Internal, "is not generated content")]
    [InlineData("application/json", "[]", GenkitStatus.Internal, "is not generated content")]
    [InlineData("application/json", "{\"candidates\":3}", GenkitStatus.Internal, "is not generated content")]
    public async Task StreamAsync_BrokenAnswer_SaysHow(string contentType, string body, GenkitStatus status, string expected)
    {
        using var handler = ScriptedHandler.Answering(body, contentType);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler));

        Assert.Equal(status, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_WrongKeyInGooglesWords_SaysWhichCredential()
    {
        using var handler = ScriptedHandler.Answering(
            $$$"""
            {"error":{"code":400,"message":"API key not valid: {{{Key}}}","status":"INVALID_ARGUMENT",
             "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}
            """, "application/json", HttpStatusCode.BadRequest);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler));

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.Contains("THE_KEY", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("22s", 22.0)]
    [InlineData("7.5s", 7.5)]
    [InlineData("-1s", null)]
    [InlineData("soon", null)]
    [InlineData("99999999999999s", null)]
    public async Task StreamAsync_QuotaInGooglesWords_TellsHowLongToWait(string delay, double? seconds)
    {
        using var handler = ScriptedHandler.Answering(
            $$$"""
            {"error":{"code":429,"message":"You exceeded your quota","status":"RESOURCE_EXHAUSTED",
             "details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{{{delay}}}"}]}}
            """, "application/json", HttpStatusCode.TooManyRequests);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler));

        Assert.Equal(GenkitStatus.ResourceExhausted, error.Status);
        Assert.Equal(seconds, error.RetryAfter?.TotalSeconds);
    }

    private static ScriptedHandler Events(params string[] frames) =>
        ScriptedHandler.Answering(string.Concat(frames.Select(static frame => $"data: {frame}\r\n\r\n")), "text/event-stream");

    private static async Task<List<ModelChunk>> RunAsync(HttpMessageHandler handler, bool stream = true, string? baseUrl = null)
    {
        using var client = new HttpClient(handler, disposeHandler: false);
        Assert.True(ProviderCatalog.Create(client, TimeProvider.System).TryGet("googleai", out var provider));
        return await provider.StreamAsync(new ModelRequest
        {
            Model = "m",
            Messages = [new Message("user", [new TextPart("Hi")])],
            Config = [],
            ApiKey = Key,
            CredentialKey = "THE_KEY",
            BaseUrl = baseUrl,
            Stream = stream,
        }, CancellationToken.None).ToListAsync();
    }
}
