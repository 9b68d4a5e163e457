namespace Portal.Tests.ApiServer.Conformance;

/// <summary>The comparison itself: what it must tell apart, and what it must not.</summary>
public sealed class ComparisonTests
{
    private static string? Compare(string recorded, string actual, string rules = "{}") =>
        Comparison.Bodies(JsonNode.Parse(recorded), JsonNode.Parse(actual), JsonNode.Parse(rules)!.AsObject(), new Tokens());

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1.0}""", "{}")]
    [InlineData("""{"a":"<uid:1>","b":"<uid:1>"}""", """{"a":"x","b":"x"}""", "{}")]
    [InlineData("""{"a":"at <time>, <age>"}""", """{"a":"at 2024-05-01T10:00:00Z, 3m5s"}""", "{}")]
    [InlineData("""{"metadata":{"continue":""}}""", """{"metadata":{"creationTimestamp":null}}""", "{}")]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""", """{"mode":"subset"}""")]
    [InlineData("""{"a":1,"b":[{"c":1}]}""", """{"a":1,"b":[{"c":2}]}""", """{"ignore":["/b/*/c"]}""")]
    [InlineData("""{"a":1,"b":1}""", """{"a":1,"b":2}""", """{"only":["/a"]}""")]
    [InlineData("""{"l":[{"n":"a"},{"n":"b"}]}""", """{"l":[{"n":"c"},{"n":"b"},{"n":"a"}]}""", """{"select":[{"pointer":"/l","where":[{"n":"a"},{"n":"b"}],"sort":["/n"]}]}""")]
    [InlineData("""{"details":{"causes":[{"field":"a"},{"field":"b"}]}}""", """{"details":{"causes":[{"field":"b"},{"field":"a"},{"field":"b"}]}}""", "{}")]
    public void Bodies_ThatMeanTheSame_Agree(string recorded, string actual, string rules) => Assert.Null(Compare(recorded, actual, rules));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""", "{}", "/a: expected 1, got 2")]
    [InlineData("""{"a":9007199254740993}""", """{"a":9007199254740992}""", "{}", "/a: expected")]
    [InlineData("""{"a":true}""", """{"a":1}""", "{}", "/a: expected true")]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""", "{}", "/b: not in the recording")]
    [InlineData("""{"a":1,"b":2}""", """{"a":1}""", """{"mode":"subset"}""", "/b: missing")]
    [InlineData("""{"l":[1,2]}""", """{"l":[2,1]}""", "{}", "/l/0: expected 1")]
    [InlineData("""{"a":"<uid:1>","b":"<uid:1>"}""", """{"a":"x","b":"y"}""", "{}", "<uid:1> was x earlier")]
    [InlineData("""{"a":"<rv:1>","b":"<rv:2>"}""", """{"a":"5","b":"5"}""", "{}", "5 already stands for <rv:1>")]
    [InlineData("""{"a":"<rv:1>"}""", """{"a":"x5"}""", "{}", "expected \"<rv:1>\"")]
    [InlineData("""{}""", """{"a":{"b":1}}""", """{"mode":"subset","absent":["/a/b"]}""", "/a/b: must be absent")]
    [InlineData("""{}""", """{}""", """{"present":["/a"]}""", "/a: must be present")]
    [InlineData("""{"a":1}""", """{"a":1,"a2":{"x":1}}""", """{"only":["/a","/a2"]}""", "/a2: not in the recording")]
    public void Bodies_ThatDiffer_AreToldApart(string recorded, string actual, string rules, string difference) =>
        Assert.Contains(difference, Compare(recorded, actual, rules), StringComparison.Ordinal);
}
