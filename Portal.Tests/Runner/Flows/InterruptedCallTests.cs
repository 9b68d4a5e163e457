using System.Net;
using Portal.Dotprompt;
using Portal.Dotprompt.Messages;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Flows;

/// <summary>Tool requests that are left to the caller, over HTTP: the answer, and how the call goes on.</summary>
public class InterruptedCallTests
{
    private const string Prompt = "---\nmodel: fake/m\ntools: [approve]\ninput:\n  schema:\n    name: string\n---\n{{role \"system\"}}Be careful.{{role \"user\"}}Pay {{name}}";

    private const string Asked = """
        {"role":"model","content":[{"text":"May I?"},{"toolRequest":{"name":"approve","ref":"1","input":{"sum":5}},"metadata":{"interrupt":true}}]}
        """;

    private const string Interrupted = $$$"""
        {"result":{"finishReason":"interrupted","message":{{{Asked}}},"messages":[{"role":"user","content":[{"text":"Pay Bo"}]},{{{Asked}}}]}}
        """;

    [Theory]
    [InlineData("""{"name":"Bo"}""", null)]
    [InlineData("""{"name":"Bo"}""", "application/json")]
    [InlineData("""{"data":{"name":"Bo"}}""", null)]
    public async Task Post_CallerMustAnswerATool_IsToldWhatAndWithWhichConversation(string body, string? accept)
    {
        await using var runner = await StartAsync(Paying());

        using var response = await runner.PostAsync("/hello", body, accept);

        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        AssertJson(Interrupted, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Post_CallerMustAnswerAToolOfAStream_IsToldByTheLastFrame()
    {
        await using var runner = await StartAsync(Paying());

        using var response = await runner.PostAsync("/hello", """{"data":{"name":"Bo"}}""", "text/event-stream");

        var frames = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        AssertJson(Interrupted, frames[^1]["data: ".Length..]);
        AssertJson("""{"message":{"role":"model","index":0,"content":[{"toolRequest":{"name":"approve","ref":"1","input":{"sum":5}}}]}}""", frames[^2]["data: ".Length..]);
    }

    [Theory]
    [InlineData("application/json", "{\"result\":\"Paid.\"}")]
    [InlineData("text/event-stream", "data: {\"message\":{\"role\":\"model\",\"index\":0,\"content\":[{\"text\":\"Paid.\"}]}}\n\ndata: {\"result\":\"Paid.\"}\n\n")]
    public async Task Post_WithTheAnswer_GoesOn(string accept, string expected)
    {
        var provider = Paying();
        await using var runner = await StartAsync(provider);
        using var first = await runner.PostAsync("/hello", """{"data":{"name":"Bo"}}""");
        var messages = JsonNode.Parse(await first.Content.ReadAsStringAsync())!["result"]!["messages"]!.AsArray();
        messages.Add(JsonNode.Parse("""{"role":"tool","content":[{"toolResponse":{"name":"approve","ref":"1","output":true}}]}"""));

        using var second = await runner.PostAsync("/hello", Body(messages), accept);

        Assert.Equal(expected, await second.Content.ReadAsStringAsync());
        AssertJson("""
            [{"role":"system","content":[{"text":"Be careful."}]},{"role":"user","content":[{"text":"Pay Bo"}]},
             {"role":"model","content":[{"text":"May I?"},{"toolRequest":{"name":"approve","ref":"1","input":{"sum":5}},"metadata":{"interrupt":true}}]},
             {"role":"tool","content":[{"toolResponse":{"name":"approve","ref":"1","output":true}}]}]
            """, JsonSerializer.Serialize(provider.Requests.Last().Messages, DotpromptJson.Options));
    }

    [Fact]
    public async Task Post_OtherToolsHadAnswered_TheirAnswersAreKept()
    {
        var provider = Paying();
        await using var runner = await StartAsync(provider);

        using var response = await runner.PostAsync("/hello", Body(JsonNode.Parse("""
            [{"role":"user","content":[{"text":"Pay"}]},
             {"role":"model","content":[{"toolRequest":{"name":"rate","ref":"0"},"metadata":{"pendingOutput":{"eur":2}}},{"toolRequest":{"name":"approve","ref":"1"}}]},
             {"role":"tool","content":[{"toolResponse":{"name":"approve","ref":"1","output":true}}]}]
            """)!));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        AssertJson("""[{"toolResponse":{"name":"rate","ref":"0","output":{"eur":2}}},{"toolResponse":{"name":"approve","ref":"1","output":true}}]""",
            JsonSerializer.Serialize(provider.Requests.Single().Messages[^1].Content, DotpromptJson.Options));
    }

    [Theory]
    [InlineData("7", "init.messages: ")]
    [InlineData("[]", "it must end with a message of the model that holds tool requests")]
    [InlineData("[null]", "the roles of its messages are user, model and tool")]
    [InlineData("""[{"role":"user","content":[{"text":"Hi"}]}]""", "it must end with")]
    [InlineData("""[{"role":"system","content":[{"text":"Obey"}]},ASK,{"role":"tool","content":[]}]""", "the roles of its messages are user, model and tool")]
    [InlineData("""[ASK,{"role":"tool","content":[]}]""", "the request for \\\"approve\\\" (ref \\\"1\\\") has no answer")]
    [InlineData("""[ASK,{"role":"tool","content":[{"toolResponse":{"name":"approve","ref":"2","output":1}}]}]""", "the request for \\\"approve\\\" (ref \\\"1\\\") has no answer")]
    [InlineData("""[ASK,{"role":"tool","content":[ANSWER,ANSWER]}]""", "nobody asked for the answer of \\\"approve\\\" (ref \\\"1\\\")")]
    [InlineData("""[{"role":"model","content":[{"toolRequest":{"name":"rate","ref":"1"}}]},{"role":"tool","content":[{"toolResponse":{"name":"rate","ref":"1","output":1}}]}]""",
        "\\\"rate\\\" is not answered by the caller")]
    public async Task Post_WithAConversationItCannotGoOnWith_IsRefusedWithTheReason(string messages, string expected)
    {
        var provider = Paying();
        await using var runner = await StartAsync(provider);
        messages = messages.Replace("ASK", """{"role":"model","content":[{"toolRequest":{"name":"approve","ref":"1"}}]}""", StringComparison.Ordinal)
            .Replace("ANSWER", """{"toolResponse":{"name":"approve","ref":"1","output":1}}""", StringComparison.Ordinal);

        using var response = await runner.PostAsync("/hello", Body(JsonNode.Parse(messages)!));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    private static string Body(JsonNode messages) =>
        new JsonObject { ["data"] = new JsonObject { ["name"] = "Bo" }, ["init"] = new JsonObject { ["messages"] = messages.DeepClone() } }.ToJsonString();

    private static Task<RunningServer> StartAsync(FakeProvider provider) => RunningServer.StartAsync(provider, ContractFolder.Single(Prompt)
        .Write("tools/approve.json", """{"name":"approve","description":"Asks the user."}""")
        .Write("tools/rate.json", """{"name":"rate","description":"Tells the rate.","implementation":{"http":{"url":"http://rate.test"}}}"""));

    /// <summary>Asks for approval, and is content with any.</summary>
    private static FakeProvider Paying() => new(static (request, _) => request.Messages[^1].Role == "tool"
        ? new[] { FakeProvider.Text("Paid."), FakeProvider.End }.ToAsyncEnumerable()
        : new[]
        {
            FakeProvider.Text("May I?"),
            new ModelChunk { Content = [new ToolRequestPart("approve", "1", JsonNode.Parse("""{"sum":5}"""))] },
            FakeProvider.End,
        }.ToAsyncEnumerable());

    private static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"expected {expected}\nactual   {actual}");
}
