using System.Net;
using System.Text;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Runner.Providers.Ollama;

namespace Portal.Tests.Runner.Providers;

public class OllamaTests
{
    private static readonly ModelRequest s_request = new()
    {
        Model = "llama3.2:3b",
        Messages = [new Message("system", [new TextPart("Be kind.")]), new Message("user", [new TextPart("Hi "), new TextPart("you")])],
        Config = [],
        ApiKey = null,
        BaseUrl = "http://ollama.test:11434/",
    };

    [Fact]
    public void Build_Conversation_MapsRolesAndPutsImagesBesideTheText() => AssertJson(
        """
        {"model":"llama3.2:3b","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},
        {"role":"user","content":"Look:{\"a\":1}","images":["AAAA","BBBB"]}],"stream":false}
        """,
        OllamaRequest.Build(s_request with
        {
            Stream = false,
            Messages =
            [
                new Message("user", [new TextPart("Hi")]),
                new Message("model", [new ReasoningPart("hm"), new TextPart("Hello")]),
                new Message("model", [new ReasoningPart("only thought")]),
                new Message("user",
                [
                    new TextPart("Look:"), new MediaPart("data:image/png;base64,AAAA", null), new DataPart(new JsonObject { ["a"] = 1 }), new MediaPart("data:;base64,BBBB", "image/jpeg"),
                ]),
            ],
        }));

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("""{"temperature":0.5,"maxOutputTokens":9,"topP":0.9,"topK":4,"stopSequences":["X"]}""", """{"options":{"temperature":0.5,"num_predict":9,"top_p":0.9,"top_k":4,"stop":["X"]}}""")]
    [InlineData("""{"stopSequences":"X","seed":7,"num_ctx":8192}""", """{"options":{"stop":["X"],"seed":7,"num_ctx":8192}}""")]
    [InlineData("""{"keep_alive":"10m","think":true,"temperature":1}""", """{"keep_alive":"10m","think":true,"options":{"temperature":1}}""")]
    [InlineData("""{"options":{"num_ctx":1,"temperature":0},"temperature":1}""", """{"options":{"num_ctx":1,"temperature":1}}""")]
    public void Build_Config_GoesWhereOllamaReadsIt(string config, string expected)
    {
        var body = OllamaRequest.Build(s_request with { Config = (JsonObject)JsonNode.Parse(config)! });

        body.Remove("model");
        body.Remove("messages");
        body.Remove("stream");
        AssertJson(expected, body);
    }

    [Theory]
    [InlineData("""{"model":"x"}""", "config.model")]
    [InlineData("""{"messages":[]}""", "config.messages")]
    [InlineData("""{"stream":false}""", "config.stream")]
    [InlineData("""{"options":3}""", "config.options must be an object")]
    public void Build_ConfigThatCannotBe_IsRefused(string config, string expected) => Assert.Contains(
        expected,
        Assert.Throws<GenkitException>(() => OllamaRequest.Build(s_request with { Config = (JsonObject)JsonNode.Parse(config)! })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Build_JsonWithSchema_SendsItAsFormatAndInTheSystemMessage()
    {
        var schema = (JsonObject)JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"string"}}}""")!;

        var body = OllamaRequest.Build(s_request with { OutputFormat = "json", OutputSchema = schema });

        AssertJson(schema.ToJsonString(), body["format"]!);
        Assert.StartsWith("Be kind.\n\n", body["messages"]![0]!["content"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains(schema.ToJsonString(), body["messages"]![0]!["content"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, body["messages"]!.AsArray().Count);
    }

    [Fact]
    public void Build_JsonWithoutSchemaOrSystem_AsksForJson()
    {
        var body = OllamaRequest.Build(s_request with { OutputFormat = "json", Messages = [s_request.Messages[1]] });

        Assert.Equal("json", body["format"]!.ToString());
        Assert.Equal("system", body["messages"]![0]!["role"]!.ToString());
    }

    [Theory]
    [InlineData("https://example.test/a.png", "image/png", "data: URL")]
    [InlineData("data:application/pdf;base64,AAAA", null, "application/pdf")]
    [InlineData("data:image/png,AAAA", null, "data:TYPE;base64,DATA")]
    public void Build_MediaOllamaDoesNotTake_IsRefused(string url, string? type, string expected)
    {
        var request = s_request with { Messages = [new Message("user", [new MediaPart(url, type)])] };

        Assert.Contains(expected, Assert.Throws<GenkitException>(() => OllamaRequest.Build(request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_Request_GoesToTheChatPathWithoutAnyCredential()
    {
        HttpRequestMessage? sent = null;
        using var handler = new ScriptedHandler((request, _) =>
        {
            sent = request;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = Lines("""{"message":{"content":"Hi"},"done":true,"done_reason":"stop"}""") });
        });

        await RunAsync(handler, s_request);

        Assert.Equal("http://ollama.test:11434/api/chat", sent!.RequestUri!.ToString());
        Assert.Null(sent.Headers.Authorization);
        Assert.Equal("application/x-ndjson", sent.Headers.Accept.ToString());
    }

    [Fact]
    public async Task StreamAsync_Lines_AreReadAsTheyAre()
    {
        using var handler = Answering(
            """{"message":{"role":"assistant","content":"","thinking":"Let me"},"done":false}""", "",
            """{"message":{"role":"assistant","content":"Hel"},"done":false}""",
            """{"message":{"role":"assistant","content":"lo"},"done":false}""",
            """{"message":{"role":"assistant","content":""},"done":true,"done_reason":"length","prompt_eval_count":26,"eval_count":290,"total_duration":5}""");

        var chunks = await RunAsync(handler, s_request);

        Assert.Equal("Let me", Assert.IsType<ReasoningPart>(Assert.Single(chunks[0].Content)).Text);
        Assert.Equal(["Hel", "lo"], chunks[1..3].Select(static chunk => Assert.IsType<TextPart>(Assert.Single(chunk.Content)).Text));
        Assert.Equal("length", chunks[3].FinishReason);
        Assert.Equal(new TokenUsage { InputTokens = 26, OutputTokens = 290 }, chunks[3].Usage);
    }

    [Theory]
    [InlineData("stop", "stop")]
    [InlineData("length", "length")]
    [InlineData("load", "other")]
    public async Task StreamAsync_WholeAnswer_MapsFinishReasonAndUsage(string said, string expected)
    {
        using var handler = ScriptedHandler.Answering(
            $$"""{"message":{"role":"assistant","content":"Hi","thinking":"hm"},"done":true,"done_reason":"{{said}}","eval_count":3}""", "application/json");

        var chunk = Assert.Single(await RunAsync(handler, s_request with { Stream = false }));

        Assert.Equal(expected, chunk.FinishReason);
        Assert.Equal(new TokenUsage { OutputTokens = 3 }, chunk.Usage);
        Assert.Collection(chunk.Content, static part => Assert.IsType<ReasoningPart>(part), static part => Assert.Equal("Hi", Assert.IsType<TextPart>(part).Text));
    }

    [Theory]
    [InlineData("{\"message\":{\"content\":\"Hi\"},\"done\":false}\n{\"message\":{\"con", GenkitStatus.Unavailable, "the connection ended before the answer did")]
    [InlineData("{\"message\":{\"content\":\"Hi\"},\"done\":false}\n", GenkitStatus.Unavailable, "the connection ended before the answer did")]
    [InlineData("{\"message\":{\"content\":\"Hi\"},\"done\":false}\noops\n{}\n", GenkitStatus.Internal, "is not JSON")]
    [InlineData("<html>", GenkitStatus.Internal, "is not JSON")]
    [InlineData("{\"hello\":1}\n", GenkitStatus.Internal, "is not a chat stream")]
    [InlineData("{\"error\":\"model runner has unexpectedly stopped\"}\n", GenkitStatus.Unavailable, "model runner has unexpectedly stopped")]
    public async Task StreamAsync_BrokenStream_SaysHow(string body, GenkitStatus status, string expected)
    {
        using var handler = ScriptedHandler.Answering(body, "application/x-ndjson");

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, s_request));

        Assert.Equal(status, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_UnknownModel_PassesTheServersWordsOn()
    {
        using var handler = ScriptedHandler.Answering("""{"error":"model 'nope' not found"}""", "application/json", HttpStatusCode.NotFound);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, s_request));

        Assert.Equal(GenkitStatus.NotFound, error.Status);
        Assert.Contains("model 'nope' not found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_NoAddress_NamesTheSetting()
    {
        using var handler = Answering();

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, s_request with { BaseUrl = null }));

        Assert.Equal(GenkitStatus.InvalidArgument, error.Status);
        Assert.Contains("extraConfig.serverAddress", error.Message, StringComparison.Ordinal);
    }

    private static ScriptedHandler Answering(params string[] lines) => new((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = Lines(lines) }));

    private static StringContent Lines(params string[] lines) => new(string.Concat(lines.Select(static line => line + "\n")), Encoding.UTF8, "application/x-ndjson");

    private static async Task<List<ModelChunk>> RunAsync(HttpMessageHandler handler, ModelRequest request)
    {
        using var client = new HttpClient(handler, disposeHandler: false);
        Assert.True(ProviderCatalog.Create(client, TimeProvider.System).TryGet("ollama", out var provider));
        return await provider.StreamAsync(request, CancellationToken.None).ToListAsync();
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nactual   {actual.ToJsonString()}");
}
