using Portal.Runner.Evaluation;
using Portal.Runner.Evaluation.Datasets;
using Portal.Runner.Evaluation.Metrics;

namespace Portal.Tests.Runner.Evaluation;

public class MetricTests
{
    [Theory]
    [InlineData("exact_match", " yes\n", "\"yes\"", 1.0)]
    [InlineData("exactMatch", "Yes", "\"yes\"", 0.0)]
    [InlineData("contains", "Well, YES.", "\"yes\"", 1.0)]
    [InlineData("contains:no", "Well, yes.", "\"yes\"", 0.0)]
    [InlineData("regex:^[a-c]{2,3}$", "abc", null, 1.0)]
    [InlineData("regex", "abd", "\"^[a-c]+$\"", 0.0)]
    [InlineData("json_equality", """{"b":[1.0],"a":1}""", """{"a":1,"b":[1]}""", 1.0)]
    [InlineData("json-equality", """{"a":1}""", """{"a":"1"}""", 0.0)]
    [InlineData("json_equality", """{"a":1,"a":1}""", """{"a":1}""", 0.0)]
    [InlineData("""json_schema:{"required":["a"],"properties":{"a":{"type":"string"}}}""", """{"a":"x"}""", null, 1.0)]
    [InlineData("""json_schema:{"required":["a"]}""", "{}", null, 0.0)]
    [InlineData("json_schema", "[1]", """{"type":"array"}""", 1.0)]
    [InlineData("similarity", "The cat sat on the mat", "\"the cat is on the mat!\"", 0.833333)]
    [InlineData("similarity", "no, no, no", "\"no\"", 0.5)]
    [InlineData("similarity", "one two", "\"two one\"", 0.5)]
    [InlineData("similarity", "", "\"x\"", 0.0)]
    [InlineData("similarity", "", "\"\"", 1.0)]
    [InlineData("latency", "x", null, 1500.0)]
    public async Task Score_Answer_Is(string metric, string output, string? reference, double expected) =>
        Assert.Equal(expected, (await ScoreAsync(metric, output, reference)).Value);

    [Theory]
    [InlineData("latency:2s", "x", true)]
    [InlineData("latency:1499ms", "x", false)]
    [InlineData("similarity:0.9", "the cat is on the mat", true)]
    [InlineData("similarity:0.9", "the cat sat on the mat", false)]
    [InlineData("latency", "x", null)]
    public async Task Score_Threshold_Decides(string metric, string output, bool? expected) =>
        Assert.Equal(expected, (await ScoreAsync(metric, output, "\"The cat is on the mat\"")).Pass);

    [Theory]
    [InlineData("exact_match", null, "no reference")]
    [InlineData("similarity", null, "no reference")]
    [InlineData("regex", "\"(\"", "is no regular expression")]
    [InlineData("json_schema", null, "there is no schema")]
    [InlineData("json_schema", """{"properties":{"a":{"pattern":"x"}}}""", "the keyword \"pattern\" of a is not supported")]
    [InlineData("regex:^(a+)+$", null, "took longer")]
    public async Task Score_WhatCannotBeScored_IsAnErrorOfTheRow(string metric, string? reference, string expected)
    {
        var score = await ScoreAsync(metric, new string('a', 40) + "!", reference);

        Assert.Contains(expected, score.Error, StringComparison.Ordinal);
        Assert.Null(score.Value);
    }

    [Theory]
    [InlineData("exat_match", "metric \"exat_match\" is unknown; known: answer_relevancy, contains,")]
    [InlineData("regex:(", "is no regular expression")]
    [InlineData("similarity:2", "takes a threshold from 0 to 1")]
    [InlineData("latency:fast", "takes a number such as 800ms")]
    [InlineData("exact_match:x", "takes no argument")]
    [InlineData("faithfulness", "needs a judge")]
    [InlineData("cost", "needs EVAL_PRICES")]
    [InlineData("""json_schema:{"$ref":"#/x"}""", "the keyword \"$ref\" is not supported")]
    [InlineData("""json_schema:{"properties":{"pattern":{"items":{"not":{}}}}}""", "the keyword \"not\" of pattern[] is not supported")]
    [InlineData("json_schema:/no/such/file", "is neither JSON nor a file")]
    public void Create_WrongMetric_SaysWhatIsRight(string metric, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => MetricCatalog.Create(metric, Parts)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a, b,,c:x y ", "a|b|c:x y")]
    [InlineData("""["regex:^a{1,2}$", "b"]""", "regex:^a{1,2}$|b")]
    public void Split_List_IsNames(string list, string expected) => Assert.Equal(expected.Split('|'), MetricCatalog.Split(list));

    [Fact]
    public void Split_BrokenArray_IsRefused() => Assert.Throws<FormatException>(() => MetricCatalog.Split("[1]"));

    [Theory]
    [InlineData("""{"provider":"p","model":"m","inputTokens":1000,"outputTokens":100,"cachedInputTokens":400}""", 0.0018)] // 600×2 + 400×0.5 + 100×4 a million
    [InlineData("""{"provider":"q","model":"m","inputTokens":1000,"outputTokens":100}""", 0.0012)]
    public void CostOf_Usage_IsCountedByKind(string usage, double expected) =>
        Assert.Equal(expected, Prices("""{"p/m":{"input":2,"output":4,"cachedInput":0.5},"*":{"input":1,"output":2}}""").CostOf(JsonNode.Parse(usage)!.AsObject()).Cost!.Value, 12);

    [Theory]
    [InlineData(null, "does not say what it used")]
    [InlineData("""{"provider":"q","model":"m","inputTokens":1}""", "no price for q/m")]
    [InlineData("""{"provider":"p","model":"m"}""", "how many tokens")]
    public void CostOf_Unknown_SaysWhy(string? usage, string expected) =>
        Assert.Contains(expected, Prices("""{"p/m":{"input":2,"output":4}}""").CostOf(usage is null ? null : JsonNode.Parse(usage)!.AsObject()).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"p/m":1}""")]
    [InlineData("""{"p/m":{"input":-1,"output":1}}""")]
    [InlineData("""{"p/m":{"input":1}}""")]
    [InlineData("""{"p/m":{"input":1,"output":1,"outptu":1}}""")]
    public void Prices_Wrong_AreRefused(string text) => Assert.Throws<FormatException>(() => Prices(text));

    private static MetricParts Parts { get; } = new(null, null, new Lazy<Judge>(static () => throw new FormatException("none")), EvaluationEnvironment.ReadJson);

    private static Prices Prices(string text) => new(JsonNode.Parse(text));

    private static Task<Score> ScoreAsync(string metric, string output, string? reference) => MetricCatalog.Create(metric, Parts).Metric.ScoreAsync(
        new DatasetRow("1", new JsonObject(), reference is null ? null : JsonNode.Parse(reference), null),
        new FlowReply { Output = output, Latency = TimeSpan.FromSeconds(1.5) }, CancellationToken.None);
}
