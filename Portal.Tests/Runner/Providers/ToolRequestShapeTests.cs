using Portal.Dotprompt.Messages;
using Portal.Runner.Providers;
using Portal.Runner.Providers.Anthropic;
using Portal.Runner.Providers.GoogleAi;
using Portal.Runner.Providers.Ollama;
using Portal.Runner.Providers.OpenAi;

namespace Portal.Tests.Runner.Providers;

/// <summary>A tool's round as each vendor's reference writes it; the links are beside the tests.</summary>
public class ToolRequestShapeTests
{
    private const string WeatherSchema = """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}""";

    private static readonly ModelRequest s_request = new()
    {
        Model = "m",
        Messages =
        [
            new Message("user", [new TextPart("Well?")]),
            new Message("model",
            [
                new ReasoningPart("hm") { Metadata = new JsonObject { ["thoughtSignature"] = "seal" } },
                new TextPart("Let me look."),
                new ToolRequestPart("get_weather", "call_1", new JsonObject { ["city"] = "Oslo" }) { Metadata = new JsonObject { ["thoughtSignature"] = "seal2" } },
                new ToolRequestPart("find_user", "call_2", null),
            ]),
            new Message("tool",
            [
                new ToolResponsePart("get_weather", "call_1", new JsonObject { ["sky"] = "blå" }),
                new ToolResponsePart("find_user", "call_2", new JsonObject { ["error"] = "nobody there" }),
            ]),
        ],
        Config = [],
        Tools = ToolSamples.Both,
        ToolChoice = "required",
        ApiKey = "k",
        Stream = false,
    };

    // https://platform.openai.com/docs/api-reference/chat/create
    [Fact]
    public void OpenAi_ToolRound_IsAsItsReferenceSays() => AssertJson(
        $$$$$$"""
        {"model":"m","messages":[{"role":"user","content":"Well?"},
        {"role":"assistant","content":"Let me look.","tool_calls":[
          {"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}},
          {"id":"call_2","type":"function","function":{"name":"find_user","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"call_1","content":"{\"sky\":\"blå\"}"},
        {"role":"tool","tool_call_id":"call_2","content":"{\"error\":\"nobody there\"}"}],
        "stream":false,
        "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.","parameters":{{{{{{WeatherSchema}}}}}}}},
          {"type":"function","function":{"name":"find_user","description":"Tells who asks.","parameters":{"type":"object","properties":{}}}}],
        "tool_choice":"required"}
        """, OpenAiRequest.Build(s_request));

    // https://docs.anthropic.com/en/api/messages
    [Fact]
    public void Anthropic_ToolRound_IsAsItsReferenceSays() => AssertJson(
        $$$$$$"""
        {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Well?"}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"seal"},{"type":"text","text":"Let me look."},
          {"type":"tool_use","id":"call_1","name":"get_weather","input":{"city":"Oslo"}},{"type":"tool_use","id":"call_2","name":"find_user","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"{\"sky\":\"blå\"}"},
          {"type":"tool_result","tool_use_id":"call_2","content":"{\"error\":\"nobody there\"}","is_error":true}]}],
        "stream":false,"max_tokens":4096,
        "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{{{{{{WeatherSchema}}}}}}},
          {"name":"find_user","description":"Tells who asks.","input_schema":{"type":"object","properties":{}}}],
        "tool_choice":{"type":"any"}}
        """, AnthropicRequest.Build(s_request));

    // https://ai.google.dev/api/caching#FunctionDeclaration, https://ai.google.dev/gemini-api/docs/thought-signatures
    [Fact]
    public void GoogleAi_ToolRound_IsAsItsReferenceSays() => AssertJson(
        """
        {"contents":[{"role":"user","parts":[{"text":"Well?"}]},
        {"role":"model","parts":[{"text":"Let me look."},
          {"functionCall":{"name":"get_weather","args":{"city":"Oslo"},"id":"call_1"},"thoughtSignature":"seal2"},
          {"functionCall":{"name":"find_user","args":{},"id":"call_2"}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{"sky":"blå"},"id":"call_1"}},
          {"functionResponse":{"name":"find_user","response":{"error":"nobody there"},"id":"call_2"}}]}],
        "tools":[{"functionDeclarations":[
          {"name":"get_weather","description":"Tells the weather.","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"},"days":{"type":"INTEGER"}},"required":["city"]}},
          {"name":"find_user","description":"Tells who asks."}]}],
        "toolConfig":{"functionCallingConfig":{"mode":"ANY"}}}
        """, GoogleAiRequest.Build(s_request, "googleai"));

    // https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion
    [Fact]
    public void Ollama_ToolRound_IsAsItsReferenceSays() => AssertJson(
        $$$$$$"""
        {"model":"m","messages":[{"role":"user","content":"Well?"},
        {"role":"assistant","content":"Let me look.","tool_calls":[{"function":{"name":"get_weather","arguments":{"city":"Oslo"}}},{"function":{"name":"find_user","arguments":{}}}]},
        {"role":"tool","tool_name":"get_weather","content":"{\"sky\":\"blå\"}"},{"role":"tool","tool_name":"find_user","content":"{\"error\":\"nobody there\"}"}],
        "stream":false,
        "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.","parameters":{{{{{{WeatherSchema}}}}}}}},
          {"type":"function","function":{"name":"find_user","description":"Tells who asks.","parameters":{"type":"object","properties":{}}}}]}
        """, OllamaRequest.Build(s_request));

    [Fact]
    public void Ollama_NoToolMayBeCalled_OffersNone() => Assert.False(OllamaRequest.Build(s_request with { ToolChoice = "none" }).ContainsKey("tools"));

    [Fact]
    public void GoogleAi_SchemaItsDialectCannotSay_IsSentAsJsonSchema()
    {
        var schema = (JsonObject)JsonNode.Parse("""{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"allOf":[{"type":"string"}]}}}""")!;

        var body = GoogleAiRequest.Build(s_request with { Tools = [new ToolDefinition("t", "", schema)] }, "googleai");

        AssertJson("""{"name":"t","description":"","parametersJsonSchema":{"type":"object","properties":{"a":{"allOf":[{"type":"string"}]}}}}""",
            body["tools"]![0]!["functionDeclarations"]![0]!);
    }

    [Fact]
    public void Build_HistoryWithoutIds_TiesAnswersToTheirRequestsInOrder()
    {
        var request = s_request with
        {
            Messages =
            [
                new Message("model", [new ToolRequestPart("a", null, null), new ToolRequestPart("b", "", null), new ToolRequestPart("a", null, null)]),
                new Message("tool", [new ToolResponsePart("b", null, "b1"), new ToolResponsePart("a", null, "a1"), new ToolResponsePart("a", null, "a2")]),
            ],
        };

        var messages = OpenAiRequest.Build(request)["messages"]!.AsArray();

        Assert.Equal(["local-0", "local-1", "local-2"], messages[0]!["tool_calls"]!.AsArray().Select(static call => call!["id"]!.ToString()));
        Assert.Equal(["local-1", "local-0", "local-2"], messages.Skip(1).Select(static message => message!["tool_call_id"]!.ToString()));
        Assert.DoesNotContain("local-", GoogleAiRequest.Build(request, "googleai").ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void OpenAi_Documents_AreFilesAndAudio()
    {
        var request = s_request with { Messages = [new Message("user", [new MediaPart("data:application/pdf;base64,UERG", null), new MediaPart("data:audio/mpeg;base64,SUQz", null)])] };

        AssertJson(
            """
            [{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,UERG"}},{"type":"input_audio","input_audio":{"data":"SUQz","format":"mp3"}}]
            """, OpenAiRequest.Build(request)["messages"]![0]!["content"]!);
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nactual   {actual.ToJsonString()}");
}
