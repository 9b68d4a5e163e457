using Portal.Operator.Api;
using Portal.Operator.Prompts;
using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator.Prompts;

public class PromptReconcilerTests
{
    private const string Greeting = """
        ---
        model: anthropic/claude-opus-4-7
        config:
          max_tokens: 256
        input:
          schema:
            name: string
        ---
        You are a friendly assistant. Greet {{name}} in one short sentence.

        """;

    [Fact]
    public void Judge_WholeDocument_PublishesHashAndFrontmatter()
    {
        var verdict = Judge(Greeting);

        Assert.Equal("ec5d106b3d8b4b1b8c16ae6a906fc99c30093a97c0ef1411ac6180b4595a808a", verdict.Status.ContentHash);
        Assert.Equal("anthropic/claude-opus-4-7", (string?)verdict.Status.ParsedFrontmatter?["model"]);
        Assert.Equal("256", verdict.Status.ParsedFrontmatter?["config"]?["max_tokens"]?.ToJsonString());
        Assert.Equal("string", (string?)verdict.Status.ParsedFrontmatter?["input"]?["schema"]?["name"]);
        Assert.All(verdict.Conditions, condition => Assert.True(condition.IsTrue, condition.Message));
        Assert.Equal("prompt content parsed", verdict.Conditions[0].Message);
    }

    [Fact]
    public void Judge_NoFrontmatter_IsReadyWithoutOne()
    {
        var verdict = Judge("Just text.");

        Assert.Null(verdict.Status.ParsedFrontmatter);
        Assert.All(verdict.Conditions, condition => Assert.True(condition.IsTrue, condition.Message));
    }

    [Theory]
    [InlineData("---\nmodel: [unclosed\n---\nHi.", "line 3, column 1: ")]
    [InlineData("---\nmodel: a/b\n---\nHi {{#if name}}there", "line 4, column 4: ")]
    public void Judge_BrokenDocument_IsReadyAndNotValidWithThePlace(string content, string place)
    {
        var verdict = Judge(content);

        Assert.True(verdict.Conditions[0].IsTrue);
        Assert.Equal((ConditionTypes.Valid, "False", ConditionReasons.InvalidDocument),
            (verdict.Conditions[1].Type, verdict.Conditions[1].Status, verdict.Conditions[1].Reason));
        Assert.StartsWith(place, verdict.Conditions[1].Message, StringComparison.Ordinal);
        Assert.Equal(64, verdict.Status.ContentHash?.Length);
    }

    [Fact]
    public void Judge_BrokenFrontmatter_PublishesNone() => Assert.Null(Judge("---\nmodel: [unclosed\n---\nHi.").Status.ParsedFrontmatter);

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    public void Judge_OnlyWhitespace_IsInvalid(string content)
    {
        var ready = Judge(content).Conditions.Single();

        Assert.Equal(("False", "InvalidSpec", "spec.content is empty"), (ready.Status, ready.Reason, ready.Message));
    }

    private static Verdict<PromptStatus> Judge(string content) =>
        PromptReconciler.JudgePrompt(Prompt.FromJson(new JsonObject { ["spec"] = new JsonObject { ["content"] = content } }));
}
