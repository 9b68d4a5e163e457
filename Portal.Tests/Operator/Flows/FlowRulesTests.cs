using Portal.Operator.Flows;

namespace Portal.Tests.Operator.Flows;

public class FlowRulesTests
{
    [Theory]
    [InlineData("web", "replicas: 1", "spec.image is required")]
    [InlineData("web", "image: ' '", "spec.image is required")]
    [InlineData("healthz", "image: x", "metadata.name \"healthz\" is reserved")]
    [InlineData("readyz", "image: x", "metadata.name \"readyz\" is reserved")]
    [InlineData("a.b", "image: x", "metadata.name \"a.b\" cannot name a Service")]
    [InlineData("9lives", "image: x", "metadata.name \"9lives\" cannot name a Service")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234", "image: x", "cannot name a Service")]
    [InlineData("web", "image: x, env: [{name: A}, {name: B}, {name: A}]", "spec.env has the variable \"A\" twice")]
    public void Check_SpecBreaksARule_NamesTheField(string name, string spec, string message) =>
        Assert.Contains(message, FlowRules.Check(FlowOf(name, spec))?.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123")]
    public void Check_GoodName_HasNoProblem(string name) => Assert.Null(FlowRules.Check(FlowOf(name, "image: x")));

    [Theory]
    [InlineData("healthz", "is reserved")]
    [InlineData("a/b", "cannot name a file")]
    [InlineData("..", "cannot name a file")]
    [InlineData("two words", "cannot name a file")]
    [InlineData("line\nbreak", "prompt name \"line\\nbreak\" cannot name a file")]
    public void Check_PromptNameBreaksARule_NamesThePrompt(string name, string message) =>
        Assert.Contains(message, FlowRules.Check(Inputs(name))?.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("greeting")]
    [InlineData("_partial")]
    [InlineData("greeting.formal")]
    public void Check_GoodPromptName_HasNoProblem(string name) => Assert.Null(FlowRules.Check(Inputs(name)));

    [Fact]
    public void Check_FilesBeyondOneMebibyte_SaysHowMany()
    {
        var content = new string('ä', 300_000);
        var inputs = new FlowInputs { Prompts = [new("a", content), new("b", content)], Tools = new Dictionary<string, JsonObject>() };

        var problem = FlowRules.Check(FlowFiles.Render("f", inputs));

        Assert.StartsWith("the prompts of this Flow take 1200016 bytes, more than the 1048576", problem?.Message, StringComparison.Ordinal);
    }

    private static FlowInputs Inputs(string prompt) => new() { Prompts = [new(prompt, "Hi.")], Tools = new Dictionary<string, JsonObject>() };

    private static Flow FlowOf(string name, string spec) => Flow.FromJson(TestManifests.Read($$"""
        metadata: {name: "{{name}}", namespace: shop}
        spec: { {{spec}} }
        """)[0]);
}
