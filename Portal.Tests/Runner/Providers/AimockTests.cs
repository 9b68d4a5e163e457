using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Providers;

/// <summary>Both vendors' protocols against a peer that nobody here wrote.</summary>
public sealed class AimockTests(AimockFixture aimock) : IClassFixture<AimockFixture>, IDisposable
{
    private readonly HttpClient _client = ProviderCatalog.CreateHttpClient();

    [Theory]
    [InlineData("openai", true)]
    [InlineData("openai", false)]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    public async Task StreamAsync_Answer_HasTextFinishReasonAndUsage(string provider, bool stream)
    {
        var chunks = await RunAsync(provider, "say hello", stream);

        Assert.Equal("Hello from the mock, dear tester.", TextOf(chunks));
        Assert.Equal("stop", chunks[^1].FinishReason);
        Assert.Equal(new TokenUsage { InputTokens = 12, OutputTokens = 7 }, chunks[^1].Usage! with { CachedInputTokens = null, CacheWriteTokens = null, ReasoningTokens = null });
        Assert.Equal(stream, chunks.Count > 5);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task StreamAsync_JsonAsked_AnswersJson(string provider)
    {
        var chunks = await RunAsync(provider, "answer in JSON", stream: true);

        Assert.True(JsonAnswer.TryExtract(TextOf(chunks), out var json));
        Assert.Equal(3, json!["days"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("openai", true)]
    [InlineData("openai", false)]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    public async Task StreamAsync_WrongKey_SaysWhichCredential(string provider, bool stream)
    {
        var error = await FailAsync(provider, "say hello", stream, "wrong-key-4711");

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.Contains(provider, error.Message, StringComparison.Ordinal);
        Assert.Contains("THE_KEY", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-key-4711", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", true)]
    [InlineData("anthropic", false)]
    public async Task StreamAsync_RateLimited_TellsHowLongToWait(string provider, bool stream)
    {
        var error = await FailAsync(provider, "be limited", stream);

        Assert.Equal(GenkitStatus.ResourceExhausted, error.Status);
        Assert.Equal(TimeSpan.FromSeconds(7), error.RetryAfter);
        Assert.Contains("Too many calls", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", true)]
    [InlineData("openai", false)]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    public async Task StreamAsync_ServerError_IsUnavailable(string provider, bool stream)
    {
        var error = await FailAsync(provider, "break down", stream);

        Assert.Equal(GenkitStatus.Unavailable, error.Status);
        Assert.Contains("500", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", true)]
    [InlineData("openai", false)]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    public async Task StreamAsync_Garbled_SaysItIsNotJson(string provider, bool stream)
    {
        var error = await FailAsync(provider, "be garbled", stream);

        Assert.Equal(GenkitStatus.Internal, error.Status);
        Assert.Equal($"{provider} answered something that is not JSON.", error.Message);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task StreamAsync_CutMidStream_SaysTheConnectionEnded(string provider)
    {
        var chunks = new List<ModelChunk>();

        var error = await Assert.ThrowsAsync<GenkitException>(async () =>
        {
            await foreach (var chunk in StreamAsync(provider, "stop midway", stream: true, AimockFixture.GoodKey))
            {
                chunks.Add(chunk);
            }
        });

        Assert.StartsWith("One ", TextOf(chunks), StringComparison.Ordinal);
        Assert.Equal(GenkitStatus.Unavailable, error.Status);
        Assert.Contains("the connection ended before the answer did", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task StreamAsync_HungUpAtOnce_Throws(string provider) =>
        await Assert.ThrowsAsync<HttpRequestException>(() => RunAsync(provider, "hang up at once", stream: true));

    [Fact]
    public async Task StreamAsync_CutByLength_SaysSo() => Assert.Equal("length", (await RunAsync("openai", "be cut", stream: true))[^1].FinishReason);

    public void Dispose() => _client.Dispose();

    private async Task<GenkitException> FailAsync(string provider, string question, bool stream, string key = AimockFixture.GoodKey) =>
        await Assert.ThrowsAsync<GenkitException>(async () => await StreamAsync(provider, question, stream, key).ToListAsync());

    private async Task<List<ModelChunk>> RunAsync(string provider, string question, bool stream) =>
        await StreamAsync(provider, question, stream, AimockFixture.GoodKey).ToListAsync();

    private IAsyncEnumerable<ModelChunk> StreamAsync(string provider, string question, bool stream, string key)
    {
        Assert.True(ProviderCatalog.Create(_client, TimeProvider.System).TryGet(provider, out var found));
        return found.StreamAsync(new ModelRequest
        {
            Model = "some-model",
            Messages = [new Message("system", [new TextPart("Be kind.")]), new Message("user", [new TextPart(question)])],
            Config = new JsonObject { ["temperature"] = 0.5, ["maxOutputTokens"] = 100, ["stopSequences"] = new JsonArray("END") },
            ApiKey = key,
            CredentialKey = "THE_KEY",
            BaseUrl = provider == "openai" ? aimock.Url + "/v1" : aimock.Url,
            Stream = stream,
        }, CancellationToken.None);
    }

    private static string TextOf(IEnumerable<ModelChunk> chunks) =>
        string.Concat(chunks.SelectMany(static chunk => chunk.Content).OfType<TextPart>().Select(static part => part.Text));
}
