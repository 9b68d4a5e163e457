using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Providers;

/// <summary>Every vendor's protocol against a peer that nobody here wrote.</summary>
public sealed class AimockTests(AimockFixture aimock) : IClassFixture<AimockFixture>, IDisposable
{
    private readonly HttpClient _client = ProviderCatalog.CreateHttpClient();

    public static TheoryData<string> Providers { get; } = [.. AimockProvider.All.Select(static provider => provider.Name)];

    public static TheoryData<string, bool> BothWays { get; } = Pairs(AimockProvider.All);

    public static TheoryData<string, bool> WithKeyBothWays { get; } = Pairs(AimockProvider.All.Where(static provider => provider.KeyName is not null));

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task StreamAsync_Answer_HasTextFinishReasonAndUsage(string provider, bool stream)
    {
        var chunks = await RunAsync(provider, "say hello", stream);

        Assert.Equal("Hello from the mock, dear tester.", TextOf(chunks));
        Assert.Equal("stop", chunks[^1].FinishReason);
        Assert.Equal(AimockProvider.Find(provider).Usage, chunks[^1].Usage! with { CachedInputTokens = null, CacheWriteTokens = null, ReasoningTokens = null });
        Assert.Equal(stream, chunks.Count > 5);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task StreamAsync_JsonAsked_AnswersJson(string provider)
    {
        var chunks = await RunAsync(provider, "answer in JSON", stream: true);

        Assert.True(JsonAnswer.TryExtract(TextOf(chunks), "{[", null, ranOut: false, out var json));
        Assert.Equal(3, json!["days"]!.GetValue<int>());
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task StreamAsync_TwoTools_AsksForBothAndUsesTheirAnswers(string provider, bool stream)
    {
        var first = await ToolTurnAsync(provider, stream, []);

        ToolRequestPart[] calls = [.. first.SelectMany(static chunk => chunk.Content).OfType<ToolRequestPart>()];
        Assert.Equal("stop", first[^1].FinishReason);
        Assert.Equal("Let me look.", TextOf(first));
        Assert.Equal(["get_weather", "find_user"], calls.Select(static call => call.Name));
        Assert.Equal("Tromsø \"north\"", calls[0].Input!["city"]!.GetValue<string>());
        Assert.Equal(2, calls[0].Input!["days"]!.GetValue<int>());
        Assert.Empty(calls[1].Input!.AsObject());
        Assert.All(calls, static call => Assert.False(string.IsNullOrEmpty(call.Ref)));
        Assert.NotEqual(calls[0].Ref, calls[1].Ref);

        var second = await ToolTurnAsync(provider, stream,
        [
            new Message("model", [new TextPart(TextOf(first)), .. calls]),
            new Message("tool", [new ToolResponsePart(calls[0].Name, calls[0].Ref, new JsonObject { ["sky"] = "snow" }), new ToolResponsePart(calls[1].Name, calls[1].Ref, "snowman")]),
        ]);

        Assert.True(JsonAnswer.TryExtract(TextOf(second), "{[", null, ranOut: false, out var json));
        Assert.Equal("Take boots.", json!["advice"]!.GetValue<string>());
    }

    // The mock plays Ollama's thoughts in another vendor's member; OllamaTests has its own.
    [Theory]
    [MemberData(nameof(WithKeyBothWays))]
    public async Task StreamAsync_ModelThinks_ThoughtsAreNotTheAnswer(string provider, bool stream)
    {
        var chunks = await RunAsync(provider, "think first", stream);

        Assert.Equal("Forty-two.", TextOf(chunks));
        Assert.Equal("What is six times seven?", string.Concat(chunks.SelectMany(static chunk => chunk.Content).OfType<ReasoningPart>().Select(static part => part.Text)));
    }

    [Theory]
    [MemberData(nameof(WithKeyBothWays))]
    public async Task StreamAsync_WrongKey_SaysWhichCredential(string provider, bool stream)
    {
        var error = await FailAsync(provider, "say hello", stream, "wrong-key-4711");

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.Contains(provider, error.Message, StringComparison.Ordinal);
        Assert.Contains(AimockProvider.Find(provider).KeyName!, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-key-4711", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task StreamAsync_RateLimited_TellsHowLongToWait(string provider, bool stream)
    {
        var error = await FailAsync(provider, "be limited", stream);

        Assert.Equal(GenkitStatus.ResourceExhausted, error.Status);
        Assert.Equal(TimeSpan.FromSeconds(7), error.RetryAfter);
        Assert.Contains("Too many calls", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task StreamAsync_ServerError_IsUnavailable(string provider, bool stream)
    {
        var error = await FailAsync(provider, "break down", stream);

        Assert.Equal(GenkitStatus.Unavailable, error.Status);
        Assert.Contains("500", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task StreamAsync_Garbled_SaysItIsNotJson(string provider, bool stream)
    {
        var error = await FailAsync(provider, "be garbled", stream);

        Assert.Equal(GenkitStatus.Internal, error.Status);
        Assert.Equal($"{provider} answered something that is not JSON.", error.Message);
    }

    [Theory]
    [MemberData(nameof(Providers))]
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
    [MemberData(nameof(Providers))]
    public async Task StreamAsync_HungUpAtOnce_Throws(string provider) =>
        await Assert.ThrowsAsync<HttpRequestException>(() => RunAsync(provider, "hang up at once", stream: true));

    [Fact]
    public async Task StreamAsync_CutByLength_SaysSo() => Assert.Equal("length", (await RunAsync("openai", "be cut", stream: true))[^1].FinishReason);

    [Fact]
    public async Task StreamAsync_KeylessProviderBehindAKey_SaysThatNoneIsSent()
    {
        var error = await FailAsync("ollama", "say hello", stream: true, "wrong-key-4711");

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.Contains("none is sent", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _client.Dispose();

    private async Task<GenkitException> FailAsync(string provider, string question, bool stream, string key = AimockFixture.GoodKey) =>
        await Assert.ThrowsAsync<GenkitException>(async () => await StreamAsync(provider, question, stream, key).ToListAsync());

    private async Task<List<ModelChunk>> RunAsync(string provider, string question, bool stream) =>
        await StreamAsync(provider, question, stream, AimockFixture.GoodKey).ToListAsync();

    private async Task<List<ModelChunk>> ToolTurnAsync(string provider, bool stream, IReadOnlyList<Message> history) =>
        await StreamAsync(provider, "use two tools", stream, AimockFixture.GoodKey, request => request with
        {
            Messages = [.. request.Messages, .. history],
            Tools = ToolSamples.Both,
            ToolChoice = "auto",
            OutputFormat = "json",
            OutputSchema = ToolSamples.AdviceSchema,
        }).ToListAsync();

    private IAsyncEnumerable<ModelChunk> StreamAsync(string provider, string question, bool stream, string key, Func<ModelRequest, ModelRequest>? change = null)
    {
        var known = AimockProvider.Find(provider);
        known.Authorize(_client, key);
        Assert.True(ProviderCatalog.Create(_client, TimeProvider.System).TryGet(provider, out var found));
        var request = new ModelRequest
        {
            Model = "some-model",
            Messages = [new Message("system", [new TextPart("Be kind.")]), new Message("user", [new TextPart(question)])],
            Config = new JsonObject { ["temperature"] = 0.5, ["maxOutputTokens"] = 100, ["stopSequences"] = new JsonArray("END") },
            ApiKey = known.KeyName is null ? null : key,
            CredentialKey = known.KeyName,
            Credentials = new DictionaryCredentials((known.KeyName ?? "", key)),
            Plugin = new RuntimePlugin { Type = provider, ExtraConfig = known.ExtraConfig },
            BaseUrl = aimock.Url + known.Path,
            Stream = stream,
        };
        return found.StreamAsync(change?.Invoke(request) ?? request, CancellationToken.None);
    }

    private static TheoryData<string, bool> Pairs(IEnumerable<AimockProvider> providers)
    {
        var pairs = new TheoryData<string, bool>();
        foreach (var provider in providers)
        {
            pairs.Add(provider.Name, true);
            pairs.Add(provider.Name, false);
        }

        return pairs;
    }

    private static string TextOf(IEnumerable<ModelChunk> chunks) =>
        string.Concat(chunks.SelectMany(static chunk => chunk.Content).OfType<TextPart>().Select(static part => part.Text));
}
