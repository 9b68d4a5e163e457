using Portal.Runner.Engine;

namespace Portal.Tests.Runner;

public class JsonAnswerTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("```json\n{\"a\":1}\n```", """{"a":1}""")]
    [InlineData("Sure [see below]: {\"a\":\"}\"} and more", """{"a":"}"}""")]
    [InlineData("5\" pipe {\"a\":[1,2,]}", """{"a":[1,2]}""")]
    [InlineData("\"plain\"", "\"plain\"")]
    [InlineData(" 42 ", "42")]
    [InlineData("{a:1, b:'x', /*c*/ d:.5, $e:+2, f:0x10, // g\n h:null,}", """{"a":1,"b":"x","d":0.5,"$e":2,"f":16,"h":null}""")]
    [InlineData("so: {\"a\":\"two\nlines \\u00e4 \\x41 \\q \\\nend\"}", """{"a":"two\nlines \u00E4 A q end"}""")]
    [InlineData("{bad json} but {\"a\":true}", """{"a":true}""")]
    public void TryExtract_JsonInside_FindsIt(string text, string expected) => Assert.Equal(expected, Extract(text));

    [Theory]
    [InlineData("""see [1]: {"a":1}""", """{"a":1}""")]
    [InlineData("""{"a":"x"} no, {"a":2}""", """{"a":2}""")]
    [InlineData("""first {"b":1}, then [2]""", """{"b":1}""")] // none fits: the first is what the error is about
    public void TryExtract_Schema_PrefersWhatFits(string text, string expected) =>
        Assert.Equal(expected, Extract(text, """{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}"""));

    [Theory]
    [InlineData("""{"a":[1,{"b":"x""", """{"a":[1,{"b":"x"}]}""")]
    [InlineData("""{"a":tru""", """{"a":true}""")]
    [InlineData("""{"a":nu""", """{"a":null}""")]
    [InlineData("""[{"a":1},{"b""", """[{"a":1},{}]""")]
    [InlineData("""{"a":1,"b":""", """{"a":1}""")]
    [InlineData("""{"a":1,"b":-""", """{"a":1}""")]
    [InlineData("""{"a":12""", """{"a":12}""")]
    [InlineData("{\"a\":\"x\\", """{"a":"x"}""")]
    [InlineData("{\"a\":\"x\\u00", """{"a":"x"}""")]
    [InlineData("{\"a\":\"x\\uD83D", """{"a":"x"}""")]
    [InlineData("```json\n{\"a\":[1,", """{"a":[1]}""")]
    [InlineData("{\"a\":1 /* and", """{"a":1}""")]
    [InlineData("{", "{}")]
    public void TryExtract_CutOff_IsCompleted(string text, string expected) => Assert.Equal(expected, Extract(text, ranOut: true));

    [Theory]
    [InlineData("""{"n":1""", true)]
    [InlineData("""{"n":""", false)]
    public void TryExtract_CutOffForNoReason_CountsWhenItFitsTheSchema(string text, bool expected)
    {
        Assert.False(JsonAnswer.TryExtract(text, "{[", null, ranOut: false, out _));
        Assert.Equal(expected, Extract(text, """{"type":"object","required":["n"]}""") is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json at all")]
    [InlineData("use { for blocks")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{\"a\":1 \"b\":2}")]
    [InlineData("{\"a\":0x}")]
    [InlineData("{a:1e999}")]
    [InlineData("{1:2}")]
    public void TryExtract_NoJson_SaysSo(string text) => Assert.Null(Extract(text));

    [Theory]
    [InlineData('{')]
    [InlineData('[')]
    public void TryExtract_ManyBrackets_GivesUpSoon(char bracket) => Assert.False(JsonAnswer.TryExtract(new string(bracket, 200_000), "{[", null, ranOut: true, out _));

    [Fact]
    public void TryExtract_EveryCutOfAnAnswer_IsCompletedOrRefused()
    {
        const string Whole = """{"name":"Bo \"B\" \u00e4","list":[1,2.5,-3e2,true,false,null,{"k":[]}],"nested":{"deep":{"er":"x"}}}""";
        for (var length = 1; length < Whole.Length; length++)
        {
            Assert.True(JsonAnswer.TryExtract(Whole[..length], "{[", null, ranOut: true, out var json), Whole[..length]);
            Assert.True(json.IsReadable());
        }
    }

    private static string? Extract(string text, string? schema = null, bool ranOut = false) =>
        JsonAnswer.TryExtract(text, "{[", schema is null ? null : (JsonObject)JsonNode.Parse(schema)!, ranOut, out var json) ? json?.ToJsonString() ?? "null" : null;
}
