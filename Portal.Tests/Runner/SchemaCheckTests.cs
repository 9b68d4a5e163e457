using Portal.Runner.Engine;

namespace Portal.Tests.Runner;

public class SchemaCheckTests
{
    private const string Person =
        """
        {"type":"object","required":["name"],"additionalProperties":false,"properties":{
          "name":{"type":"string","minLength":2},"age":{"type":["integer","null"],"minimum":0},
          "role":{"enum":["cook","guest"]},"tags":{"type":"array","items":{"type":"string"},"maxItems":2}}}
        """;

    [Theory]
    [InlineData("""{"name":"Bo"}""")]
    [InlineData("""{"name":"Bo","age":3,"role":"cook","tags":["a","b"]}""")]
    [InlineData("""{"name":"Bo","age":null}""")]
    [InlineData("""{"name":"Bo","age":3.0}""")]
    public void Validate_Fitting_FindsNothing(string value) => Assert.Empty(Check(Person, value));

    [Theory]
    [InlineData("""{}""", "name is required")]
    [InlineData("""{"name":5}""", "name must be string")]
    [InlineData("""{"name":"B"}""", "name must have at least 2 characters")]
    [InlineData("""{"name":"Bo","age":"3"}""", "age must be integer or null")]
    [InlineData("""{"name":"Bo","age":3.5}""", "age must be integer or null")]
    [InlineData("""{"name":"Bo","age":-1}""", "age must be at least 0")]
    [InlineData("""{"name":"Bo","role":"chef"}""", """role must be one of ["cook","guest"]""")]
    [InlineData("""{"name":"Bo","tags":["a",1]}""", "tags.1 must be string")]
    [InlineData("""{"name":"Bo","tags":["a","b","c"]}""", "tags must have at most 2 items")]
    [InlineData("""{"name":"Bo","nmae":"x"}""", "nmae is not a field of the schema")]
    [InlineData("""[]""", "(root) must be object")]
    [InlineData("""null""", "(root) must be object")]
    public void Validate_Unfitting_NamesTheField(string value, string expected) => Assert.Equal(expected, SchemaCheck.Describe(Check(Person, value)));

    [Fact]
    public void Validate_AdditionalPropertiesSchema_ChecksTheRest() =>
        Assert.Equal("b must be number", SchemaCheck.Describe(Check("""{"type":"object","properties":{},"additionalProperties":{"type":"number"}}""", """{"a":1,"b":"x"}""")));

    [Fact]
    public void Validate_ManyErrors_StopsAtALimit() =>
        Assert.InRange(Check("""{"type":"array","items":{"type":"string"}}""", $"[{string.Join(',', Enumerable.Repeat("1", 5000))}]").Count, 1, 100);

    private static IReadOnlyList<SchemaError> Check(string schema, string value) => SchemaCheck.Validate(JsonNode.Parse(schema), JsonNode.Parse(value));
}
