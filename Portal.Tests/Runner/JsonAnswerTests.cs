using Portal.Runner.Contract;
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
    public void TryExtract_JsonInside_FindsIt(string text, string expected)
    {
        Assert.True(JsonAnswer.TryExtract(text, out var json));
        Assert.Equal(expected, json!.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json at all")]
    [InlineData("{\"a\":[1,")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void TryExtract_NoJson_SaysSo(string text) => Assert.False(JsonAnswer.TryExtract(text, out _));

    [Fact]
    public void TryExtract_ManyBrackets_GivesUpSoon() => Assert.False(JsonAnswer.TryExtract(new string('{', 200_000), out _));

    [Theory]
    [InlineData("length", "raise maxOutputTokens")]
    [InlineData("blocked", "the provider blocked it")]
    [InlineData("stop", "ask for JSON")]
    public void Parse_NoJson_SaysWhy(string finishReason, string expected)
    {
        var usage = new UsageRecord
        {
            CallId = "c",
            StartedAt = default,
            Provider = "p",
            Model = "m",
            Usage = new TokenUsage(),
            FinishReason = finishReason,
            Duration = TimeSpan.Zero,
        };

        Assert.Contains(expected, Assert.Throws<GenkitException>(() => JsonAnswer.Parse("", null, usage)).Message, StringComparison.Ordinal);
    }
}
