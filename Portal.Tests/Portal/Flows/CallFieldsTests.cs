using Portal.Features.Flows;

namespace Portal.Tests.Portal.Flows;

public class CallFieldsTests
{
    private const string Document = """
        ---
        input:
          schema:
            name: string, who asks
            count?: integer
            ratio: number
            loud?: boolean
            tone(enum): [friendly, brief]
            tags(array): string
            free: any
          default:
            name: Ada
            tags: [a, b]
        ---
        Hello
        """;

    [Fact]
    public void Of_Schema_GivesAFieldForEachInput() => Assert.Equal(
        "name:Text!=Ada count:Number= ratio:Number!= loud:Boolean= tone:Choice!= tags:Json!=[\"a\",\"b\"] free:Json!=",
        string.Join(' ', CallFields.Of(Document).Select(field => $"{field.Name}:{field.Kind}{(field.IsRequired ? "!" : "")}={field.Value}")));

    [Theory]
    [InlineData("No frontmatter")]
    [InlineData("---\nmodel: a/b\n---\nHi")]
    [InlineData("---\ninput:\n  schema:\n    a: nonsense\n---\nHi")]
    [InlineData("---\ninput: [\n---\nHi")]
    public void Of_NoReadableSchema_GivesNone(string document) => Assert.Empty(CallFields.Of(document));

    [Theory]
    [InlineData("name", "", "{\"name\":\"\"}", null)]
    [InlineData("count", "", "{}", null)]
    [InlineData("count", "1.5", "{\"count\":1.5}", null)]
    [InlineData("count", "many", "{}", "This is not a number.")]
    [InlineData("ratio", "", "{}", "Give it a value.")]
    [InlineData("loud", "true", "{\"loud\":true}", null)]
    [InlineData("tone", "brief", "{\"tone\":\"brief\"}", null)]
    [InlineData("tags", "[1]", "{\"tags\":[1]}", null)]
    public void TryAddTo_Value_AddsItOrSaysWhatIsWrong(string name, string value, string expected, string? error)
    {
        var field = CallFields.Of(Document).Single(item => item.Name == name);
        field.Value = value;
        var input = new JsonObject();

        Assert.Equal(error is null, field.TryAddTo(input));
        Assert.Equal((expected, error), (input.ToJsonString(), field.Error));
    }

    [Fact]
    public void TryAddTo_ChoiceOfNumbers_AddsTheNumber()
    {
        var field = CallFields.Of("---\ninput:\n  schema:\n    level(enum): [1, 2]\n---\nHi").Single();
        field.Value = "2";
        var input = new JsonObject();

        Assert.True(field.TryAddTo(input));
        Assert.Equal("{\"level\":2}", input.ToJsonString());
    }

    [Fact]
    public void TryAddTo_BrokenJson_SaysSo()
    {
        var field = CallFields.Of(Document).Single(item => item.Name == "tags");
        field.Value = "[1";

        Assert.False(field.TryAddTo([]));
        Assert.StartsWith("This is not JSON:", field.Error, StringComparison.Ordinal);
    }
}
