using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Runner.Providers.GoogleAi;

namespace Portal.Tests.Runner.Providers;

public class GoogleAiRequestTests
{
    private static readonly ModelRequest s_request = new()
    {
        Model = "gemini-2.5-flash",
        Messages = [new Message("system", [new TextPart("Be kind.")]), new Message("user", [new TextPart("Hi")])],
        Config = [],
        ApiKey = "k",
    };

    [Theory]
    [InlineData("gemini-2.5-flash", true, "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse")]
    [InlineData("gemini-2.5-flash", false, "/v1beta/models/gemini-2.5-flash:generateContent")]
    [InlineData("models/gemini-2.5-flash", false, "/v1beta/models/gemini-2.5-flash:generateContent")]
    [InlineData("tunedModels/mine", false, "/v1beta/tunedModels/mine:generateContent")]
    [InlineData("a?key=b#c:d", false, "/v1beta/models/a%3Fkey%3Db%23c%3Ad:generateContent")]
    public void PathOf_Model_IsPartOfThePath(string model, bool stream, string expected) =>
        Assert.Equal(expected, GoogleAiRequest.PathOf(s_request with { Model = model, Stream = stream }));

    [Theory]
    [InlineData("../../v1/files")]
    [InlineData("models/")]
    [InlineData("models/./x")]
    public void PathOf_ModelThatLeadsElsewhere_IsRefused(string model) =>
        Assert.Equal(GenkitStatus.InvalidArgument, Assert.Throws<GenkitException>(() => GoogleAiRequest.PathOf(s_request with { Model = model })).Status);

    [Fact]
    public void Build_Conversation_MapsRolesAndMedia() => AssertJson(
        """
        {"systemInstruction":{"parts":[{"text":"Be kind."},{"text":"Be brief."}]},"contents":[
        {"role":"user","parts":[{"text":"Hi "},{"text":"you"}]},
        {"role":"model","parts":[{"text":"Hello"}]},
        {"role":"user","parts":[{"text":"Look:"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"fileData":{"fileUri":"https://example.test/a.mp4","mimeType":"video/mp4"}},
        {"fileData":{"fileUri":"https://www.youtube.com/watch?v=1"}},{"text":"{\"a\":1}"}]}]}
        """,
        GoogleAiRequest.Build(s_request with
        {
            Messages =
            [
                new Message("system", [new TextPart("Be kind.\n")]),
                new Message("user", [new TextPart("Hi "), new TextPart(""), new TextPart("you")]),
                new Message("model", [new ReasoningPart("hm"), new TextPart("Hello")]),
                new Message("system", [new TextPart("Be brief.")]),
                new Message("user",
                [
                    new TextPart("Look:"), new MediaPart("data:image/png;base64,AAAA", null), new MediaPart("https://example.test/a.mp4", "video/mp4"),
                    new MediaPart("https://www.youtube.com/watch?v=1", null), new DataPart(new JsonObject { ["a"] = 1 }),
                ]),
            ],
        }, "googleai"));

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("""{"temperature":0.5,"maxOutputTokens":9,"topP":0.9,"topK":4,"stopSequences":["X"]}""", """{"generationConfig":{"temperature":0.5,"maxOutputTokens":9,"topP":0.9,"topK":4,"stopSequences":["X"]}}""")]
    [InlineData("""{"stopSequences":"X","seed":7}""", """{"generationConfig":{"stopSequences":["X"],"seed":7}}""")]
    [InlineData("""{"thinkingConfig":{"thinkingBudget":0},"safetySettings":[{"category":"C"}]}""", """{"generationConfig":{"thinkingConfig":{"thinkingBudget":0}},"safetySettings":[{"category":"C"}]}""")]
    [InlineData("""{"generationConfig":{"seed":1,"topK":2},"topK":3}""", """{"generationConfig":{"seed":1,"topK":3}}""")]
    [InlineData("""{"tools":[{"googleSearch":{}}],"cachedContent":"cachedContents/1"}""", """{"tools":[{"googleSearch":{}}],"cachedContent":"cachedContents/1"}""")]
    public void Build_Config_GoesWhereGoogleReadsIt(string config, string expected)
    {
        var body = GoogleAiRequest.Build(s_request with { Config = (JsonObject)JsonNode.Parse(config)! }, "googleai");

        body.Remove("contents");
        body.Remove("systemInstruction");
        AssertJson(expected, body);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("stream")]
    [InlineData("contents")]
    [InlineData("systemInstruction")]
    public void Build_ConfigReplacesWhatTheRunnerSets_IsRefused(string key) => Assert.Contains(
        $"config.{key}", Assert.Throws<GenkitException>(() => GoogleAiRequest.Build(s_request with { Config = new JsonObject { [key] = "x" } }, "googleai")).Message, StringComparison.Ordinal);

    [Fact]
    public void Build_JsonWithSchema_SendsItInGooglesDialectAndSaysNothingInWords()
    {
        var body = GoogleAiRequest.Build(s_request with { OutputFormat = "json", OutputSchema = Json("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""") }, "googleai");

        AssertJson("""{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"a":{"type":"STRING"}}}}""", body["generationConfig"]!);
        Assert.Single(body["systemInstruction"]!["parts"]!.AsArray());
    }

    [Theory]
    [InlineData(null, "Answer with one JSON value")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", "additionalProperties")]
    public void Build_JsonThatNoSchemaSays_IsAskedForInWords(string? schema, string expected)
    {
        var body = GoogleAiRequest.Build(s_request with { OutputFormat = "json", OutputSchema = schema is null ? null : Json(schema) }, "googleai");

        AssertJson("""{"responseMimeType":"application/json"}""", body["generationConfig"]!);
        Assert.Contains(expected, body["systemInstruction"]!["parts"]![1]!["text"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_JsonWithOwnSchemaInConfig_KeepsIt()
    {
        var body = GoogleAiRequest.Build(s_request with
        {
            OutputFormat = "json",
            OutputSchema = Json("""{"type":"string"}"""),
            Config = Json("""{"responseJsonSchema":{"type":"integer"},"responseMimeType":"text/x.enum"}"""),
        }, "googleai");

        AssertJson("""{"responseJsonSchema":{"type":"integer"},"responseMimeType":"text/x.enum"}""", body["generationConfig"]!);
    }

    [Theory]
    [InlineData("""{"$schema":"x","type":"string","format":"email","maxLength":5,"description":"d"}""", """{"type":"STRING","maxLength":5,"description":"d"}""")]
    [InlineData("""{"type":["string","null"],"format":"date-time"}""", """{"type":"STRING","nullable":true,"format":"date-time"}""")]
    [InlineData("""{"type":["string","integer"]}""", """{"anyOf":[{"type":"STRING"},{"type":"INTEGER"}]}""")]
    [InlineData("""{"type":["string","null"],"enum":["a","b",null]}""", """{"type":"STRING","nullable":true,"enum":["a","b"]}""")]
    [InlineData("""{"type":"string","const":"a"}""", """{"type":"STRING","enum":["a"]}""")]
    [InlineData("""{"type":"integer","enum":[1,2],"minimum":1}""", """{"type":"INTEGER","minimum":1}""")]
    [InlineData("""{"anyOf":[{"type":"number"},{"type":"null"}]}""", """{"nullable":true,"anyOf":[{"type":"NUMBER"}]}""")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"minItems":1}""", """{"type":"ARRAY","items":{"type":"BOOLEAN"},"minItems":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}}},"required":["a"]}""",
        """{"type":"OBJECT","properties":{"a":{"type":"OBJECT","properties":{"b":{"type":"STRING"}}}},"required":["a"]}""")]
    public void SchemaFrom_Expressible_IsTranslated(string schema, string expected) => AssertJson(expected, GoogleAiSchema.From(Json(schema))!);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"$ref":"#/$defs/a"}""")]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{}}""")]
    [InlineData("""{"type":"object","properties":{"a":{}}}""")]
    [InlineData("""{"type":"object","properties":{"a":true}}""")]
    [InlineData("""{"type":"array"}""")]
    [InlineData("""{"type":"null"}""")]
    [InlineData("""{"type":"mystery"}""")]
    [InlineData("""{"type":3}""")]
    [InlineData("""{"anyOf":[]}""")]
    [InlineData("""{"anyOf":"x"}""")]
    [InlineData("""{"allOf":[{"type":"string"}]}""")]
    [InlineData("""{"anyOf":[{"type":"string"},{"$ref":"#"}]}""")]
    public void SchemaFrom_Inexpressible_IsNull(string schema) => Assert.Null(GoogleAiSchema.From(Json(schema)));

    [Fact]
    public void SchemaFrom_EndlesslyDeep_IsNull()
    {
        var schema = Json("""{"type":"string"}""");
        for (var depth = 0; depth < 60; depth++)
        {
            schema = new JsonObject { ["type"] = "array", ["items"] = schema };
        }

        Assert.Null(GoogleAiSchema.From(schema));
    }

    [Fact]
    public void Build_OnlySystem_SaysWhatIsMissing() => Assert.Contains(
        "user message", Assert.Throws<GenkitException>(() => GoogleAiRequest.Build(s_request with { Messages = [s_request.Messages[0]] }, "googleai")).Message, StringComparison.Ordinal);

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nactual   {actual.ToJsonString()}");
}
