using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator.Reconciliation;

public class MergeDiffTests
{
    [Theory]
    [InlineData("{}", "{}", "{}")]
    [InlineData("""{"a":1}""", """{"a":1.0}""", "{}")]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", "{}", """{"a":null}""")]
    [InlineData("""{"a":1}""", """{"a":null}""", """{"a":null}""")]
    [InlineData("{}", """{"a":null}""", "{}")]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":1,"c":3,"d":4}}""", """{"a":{"c":3,"d":4}}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":1}}""", "{}")]
    [InlineData("""{"a":7}""", """{"a":{"b":null,"c":{"d":null}}}""", """{"a":{"c":{}}}""")]
    [InlineData("""{"a":{"c":{}}}""", """{"a":{"b":null,"c":{"d":null}}}""", "{}")]
    [InlineData("""{"a":[1,{"b":null}]}""", """{"a":[1,{"b":null}]}""", "{}")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", """{"a":[2,1]}""")]
    public void Between_TwoObjects_IsTheSmallestPatch(string before, string after, string patch) => Assert.Equal(
        patch, MergeDiff.Between(JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject()).ToJsonString());
}
