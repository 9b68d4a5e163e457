using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Runner.Providers.Demo;

namespace Portal.Tests.Runner.Providers;

public class DemoProviderTests
{
    private readonly InstantTimeProvider _time = new();

    [Fact]
    public async Task StreamAsync_Text_StreamsLabelledWordsThatRepeatTheQuestion()
    {
        var chunks = await RunAsync(RequestFor("How are you?"));

        var text = TextOf(chunks);
        Assert.StartsWith("[demo] ", text, StringComparison.Ordinal);
        Assert.Contains("How are you?", text, StringComparison.Ordinal);
        Assert.True(chunks.Count > 10);
        Assert.Equal("stop", chunks[^1].FinishReason);
        Assert.Equal(3, chunks[^1].Usage!.InputTokens);
        Assert.Equal((text.Length + 3) / 4, chunks[^1].Usage!.OutputTokens);
    }

    [Fact]
    public async Task StreamAsync_Twice_AnswersTheSame() =>
        Assert.Equal(TextOf(await RunAsync(RequestFor("Hi"))), TextOf(await RunAsync(RequestFor("Hi"))));

    [Fact]
    public async Task StreamAsync_ByDefault_Waits15MillisecondsBeforeEachWordButTheFirst()
    {
        var chunks = await RunAsync(RequestFor("Hi"));

        Assert.Equal(chunks.Count - 2, _time.Delays.Count);
        Assert.All(_time.Delays, static delay => Assert.Equal(TimeSpan.FromMilliseconds(15), delay));
    }

    [Fact]
    public async Task StreamAsync_DelayZero_NeverWaits()
    {
        await RunAsync(RequestFor("Hi") with { Config = new JsonObject { ["delayMs"] = 0 } });

        Assert.Empty(_time.Delays);
    }

    [Fact]
    public async Task StreamAsync_MaxOutputTokens_CutsTheAnswer()
    {
        var chunks = await RunAsync(RequestFor("Hi") with { Config = new JsonObject { ["maxOutputTokens"] = 5 } });

        Assert.Equal(20, TextOf(chunks).Length);
        Assert.Equal("length", chunks[^1].FinishReason);
        Assert.Equal(5, chunks[^1].Usage!.OutputTokens);
    }

    [Fact]
    public async Task StreamAsync_NotStreaming_AnswersInOneChunk()
    {
        var chunks = await RunAsync(RequestFor("Hi") with { Stream = false });

        Assert.Equal(2, chunks.Count);
        Assert.Empty(_time.Delays);
    }

    [Fact]
    public async Task StreamAsync_JsonWithSchema_MatchesTheSchema()
    {
        var schema = (JsonObject)JsonNode.Parse(
            """
            {"type":"object","required":["city","mood","days"],"additionalProperties":false,"properties":{
              "city":{"type":"string"},"mood":{"enum":["good","bad"]},"days":{"type":"array","items":{"type":"integer","minimum":3}},
              "sure":{"type":["boolean","null"]},"place":{"type":"object","properties":{"x":{"type":"number"}}}}}
            """)!;

        var chunks = await RunAsync(RequestFor("Hi") with { OutputFormat = "json", OutputSchema = schema });

        var answer = JsonNode.Parse(TextOf(chunks));
        Assert.Empty(SchemaCheck.Validate(schema, answer));
        Assert.Equal("[demo] city", answer!["city"]!.GetValue<string>());
        Assert.True(chunks.Count > 5);
    }

    [Theory]
    [InlineData("delayMs", "-1")]
    [InlineData("delayMs", "\"fast\"")]
    [InlineData("maxOutputTokens", "0")]
    [InlineData("maxOutputTokens", "1.5")]
    public async Task StreamAsync_BadConfig_NamesTheKey(string key, string value)
    {
        var request = RequestFor("Hi") with { Config = new JsonObject { [key] = JsonNode.Parse(value) } };

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(request));

        Assert.Equal(GenkitStatus.InvalidArgument, error.Status);
        Assert.Contains($"config.{key}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_OtherModel_NamesTheOneThereIs()
    {
        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(RequestFor("Hi") with { Model = "gpt" }));

        Assert.Equal(GenkitStatus.NotFound, error.Status);
        Assert.Contains("echo-stream", error.Message, StringComparison.Ordinal);
    }

    private static ModelRequest RequestFor(string question) => new()
    {
        Model = DemoProvider.ModelName,
        Messages = [new Message("user", [new TextPart(question)])],
        Config = [],
        ApiKey = null,
    };

    private async Task<List<ModelChunk>> RunAsync(ModelRequest request) =>
        await new DemoProvider(_time).StreamAsync(request, CancellationToken.None).ToListAsync();

    private static string TextOf(IEnumerable<ModelChunk> chunks) =>
        string.Concat(chunks.SelectMany(static chunk => chunk.Content).OfType<TextPart>().Select(static part => part.Text));
}
