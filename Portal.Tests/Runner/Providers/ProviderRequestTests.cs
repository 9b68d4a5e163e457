using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Runner.Providers.Anthropic;
using Portal.Runner.Providers.OpenAi;

namespace Portal.Tests.Runner.Providers;

public class ProviderRequestTests
{
    private static readonly JsonObject s_schema = (JsonObject)JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""")!;

    private static readonly ModelRequest s_request = new()
    {
        Model = "m",
        Messages =
        [
            new Message("system", [new TextPart("Be kind.")]),
            new Message("user", [new TextPart("Hi "), new TextPart("you")]),
            new Message("model", [new ReasoningPart("hm"), new TextPart("Hello")]),
            new Message("user", [new TextPart("Look:"), new MediaPart("data:image/png;base64,AAAA", null)]),
        ],
        Config = (JsonObject)JsonNode.Parse("""{"temperature":0.5,"maxOutputTokens":9,"topP":0.9,"topK":4,"stopSequences":["X"],"seed":7}""")!,
        ApiKey = "k",
    };

    [Fact]
    public void OpenAi_Official_MapsMessagesAndConfig() => AssertJson(
        """
        {"model":"m","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi you"},{"role":"assistant","content":"Hello"},
        {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}],
        "stream":true,"temperature":0.5,"max_completion_tokens":9,"top_p":0.9,"top_k":4,"stop":["X"],"seed":7,"stream_options":{"include_usage":true}}
        """, OpenAiRequest.Build(s_request));

    [Fact]
    public void OpenAi_OtherServer_UsesTheOlderLimitName()
    {
        var body = OpenAiRequest.Build(s_request with { BaseUrl = "http://localhost:1/v1", Stream = false });

        Assert.Equal(9, body["max_tokens"]!.GetValue<int>());
        Assert.False(body.ContainsKey("max_completion_tokens"));
        Assert.False(body.ContainsKey("stream_options"));
    }

    [Fact]
    public void OpenAi_JsonWithClosedSchema_AsksForItStrictly()
    {
        var format = OpenAiRequest.Build(s_request with { OutputFormat = "json", OutputSchema = s_schema })["response_format"]!;

        AssertJson($$$"""{"type":"json_schema","json_schema":{"name":"answer","schema":{{{s_schema.ToJsonString()}}},"strict":true}}""", format);
    }

    [Fact]
    public void OpenAi_JsonWithOptionalField_IsNotStrict()
    {
        var schema = (JsonObject)JsonNode.Parse("""{"type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false}""")!;

        var format = OpenAiRequest.Build(s_request with { OutputFormat = "json", OutputSchema = schema })["response_format"]!;

        Assert.False(format["json_schema"]!["strict"]!.GetValue<bool>());
    }

    [Fact]
    public void OpenAi_JsonWithoutSchema_AlsoSaysItInWords()
    {
        var body = OpenAiRequest.Build(s_request with { OutputFormat = "json" });

        Assert.Equal("json_object", body["response_format"]!["type"]!.ToString());
        Assert.Contains("JSON", body["messages"]![0]!["content"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Anthropic_Always_LiftsSystemAndMapsConfig() => AssertJson(
        """
        {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hi "},{"type":"text","text":"you"}]},
        {"role":"assistant","content":[{"type":"text","text":"Hello"}]},
        {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}],
        "stream":true,"system":"Be kind.","temperature":0.5,"max_tokens":9,"top_p":0.9,"top_k":4,"stop_sequences":["X"],"seed":7}
        """, AnthropicRequest.Build(s_request));

    [Fact]
    public void Anthropic_NoLimit_SendsADefaultSinceTheApiNeedsOne() =>
        Assert.Equal(4096, AnthropicRequest.Build(s_request with { Config = [] })["max_tokens"]!.GetValue<int>());

    [Fact]
    public void Anthropic_Json_AsksForItInTheSystemPrompt() =>
        Assert.Contains(s_schema.ToJsonString(), AnthropicRequest.Build(s_request with { OutputFormat = "json", OutputSchema = s_schema })["system"]!.ToString(), StringComparison.Ordinal);

    [Fact]
    public void Anthropic_OnlySystem_SaysWhatIsMissing()
    {
        var request = s_request with { Messages = [new Message("system", [new TextPart("Be kind.")])] };

        Assert.Contains("user message", Assert.Throws<GenkitException>(() => AnthropicRequest.Build(request)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("model")]
    [InlineData("stream")]
    public void Build_ConfigReplacesWhatTheRunnerSets_IsRefused(string key)
    {
        var request = s_request with { Config = new JsonObject { [key] = "x" } };

        Assert.Contains($"config.{key}", Assert.Throws<GenkitException>(() => OpenAiRequest.Build(request)).Message, StringComparison.Ordinal);
        Assert.Contains($"config.{key}", Assert.Throws<GenkitException>(() => AnthropicRequest.Build(request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfARequest_HoldsNoCredential() => Assert.Equal("request to m", (s_request with { ApiKey = "sk-secret" }).ToString());

    [Fact]
    public void Build_MediaTheVendorDoesNotTake_IsRefused()
    {
        var request = s_request with { Messages = [new Message("user", [new MediaPart("https://example.test/a.mp3", "audio/mpeg")])] };

        Assert.Equal(GenkitStatus.Unimplemented, Assert.Throws<GenkitException>(() => OpenAiRequest.Build(request)).Status);
        Assert.Equal(GenkitStatus.Unimplemented, Assert.Throws<GenkitException>(() => AnthropicRequest.Build(request)).Status);
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nactual   {actual.ToJsonString()}");
}
