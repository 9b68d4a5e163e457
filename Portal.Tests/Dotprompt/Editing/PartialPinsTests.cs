using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;

namespace Portal.Tests.Dotprompt.Editing;

public class PartialPinsTests
{
    private const string Prompt = "---\nmodel: a/b # ours\n---\nHi. {{> style@1}} {{#if x}}{{>style@1}}{{/if}}";

    private static readonly PartialRevision s_first = new("Be kind.", new Dictionary<string, string>());
    private static readonly PartialRevision s_second = new("Be kind:\n  {{> tone@4}}", new Dictionary<string, string> { ["tone@4"] = "warm {{name}}" });
    private static readonly AnalysisContext s_context = new()
    {
        Partials = [],
        History = name => name == "style" ? new PartialHistory(2, number => number switch { 1 => s_first, 2 => s_second, _ => null }) : null,
    };

    [Fact]
    public void Fixes_FromACallToTheNewestRevision_BringTheTextsAlongAndRender()
    {
        var pinned = Fixed(Prompt, "missing-pin", "Take in revision 1 of style");
        Assert.Equal("---\nmodel: a/b # ours\npartials:\n  \"style@1\": Be kind.\n---\nHi. {{> style@1}} {{#if x}}{{>style@1}}{{/if}}", pinned);
        Assert.Equal("Hi. Be kind. ", Rendered(pinned));

        var upgraded = Fixed(pinned, "newer-revision", "Upgrade to style@2");
        Assert.Equal(
            "---\nmodel: a/b # ours\npartials:\n  \"tone@4\": warm {{name}}\n  \"style@2\": |-\n    Be kind:\n      {{> tone@4}}\n---\nHi. {{> style@2}} {{#if x}}{{>style@2}}{{/if}}",
            upgraded.Replace("\"warm {{name}}\"", "warm {{name}}", StringComparison.Ordinal));
        Assert.Equal("Hi. Be kind:\n  warm Ada ", Rendered(upgraded));
        Assert.Empty(Problems(upgraded));
    }

    [Fact]
    public void Analyze_APinWhoseRevisionIsNotThere_OffersTheNewest()
    {
        var problem = Assert.Single(Problems("{{> style@9}}"));

        Assert.Equal(("missing-pin", "There is no revision 9 of 'style'; the newest is 2."), (problem.Code, problem.Message));
        Assert.Contains("{{> style@2}}", Fixed("{{> style@9}}", "missing-pin", "Use style@2"), StringComparison.Ordinal);
        Assert.Empty(Assert.Single(Problems("{{> other@1}}")).Fixes);
    }

    [Fact]
    public void Analyze_ATextThatIsNotTheRevision_OffersToPutItBack()
    {
        const string Source = "---\npartials:\n  style@1: Be rude.\n  old@1: gone\n---\n{{> style@1}}";

        Assert.Equal(["unused-partial", "changed-pin", "newer-revision"], Problems(Source).Select(problem => problem.Code));
        Assert.Contains("style@1: Be kind.", Fixed(Source, "changed-pin", "Put revision 1 back"), StringComparison.Ordinal);
        Assert.Equal("---\npartials:\n  style@1: Be rude.\n---\n{{> style@1}}", Fixed(Source, "unused-partial", "Remove it"));
    }

    [Fact]
    public void Analyze_AnUnpinnedCallOfALibraryPartial_OffersToPinIt() =>
        Assert.Contains("{{> style@2}}", Fixed("{{> style}}", "missing-partial", "Pin revision 2 of style"), StringComparison.Ordinal);

    [Fact]
    public void Analyze_APartialThatCallsItself_IsACycle() =>
        Assert.Contains("partial-cycle", Problems("---\npartials:\n  \"loop@1\": \"{{> loop@1}}\"\n---\n{{> loop@1}}").Select(problem => problem.Code));

    [Theory]
    [InlineData("{{> style@}}")]
    [InlineData("{{> style@x}}")]
    [InlineData("{{> @1}}")]
    [InlineData("{{style@1}}")]
    [InlineData("{{> style x@1}}")]
    public void Parse_WhatIsNoPin_IsAnErrorAsBefore(string template) => Assert.Contains(DotpromptDocument.Parse(template).Diagnostics.Concat(Problems(template)), problem => problem.Severity == DiagnosticSeverity.Error);

    [Fact]
    public void Render_ABrokenPartial_NamesItAndTheLine()
    {
        var exception = Assert.Throws<PromptRenderException>(() => Rendered("---\npartials:\n  a@1: |\n    x\n    {{#if}}\n---\n{{> a@1}}"));

        Assert.StartsWith("In the partial 'a@1': line 2:", exception.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Diagnostic> Problems(string source) => PromptAnalyzer.Analyze(DotpromptDocument.Parse(source), s_context);

    private static string Fixed(string source, string code, string title)
    {
        var fix = Problems(source).First(problem => problem.Code == code).Fixes.Single(fix => fix.Title == title);
        var document = DotpromptDocument.Parse(source);
        return TextEdit.Apply(source, [new TextEdit(document.Lines.Offset(fix.Range.StartLine, fix.Range.StartColumn), document.Lines.Offset(fix.Range.EndLine, fix.Range.EndColumn), fix.NewText)]);
    }

    private static string Rendered(string source) => string.Concat(new PromptRenderer(new RenderEnvironment()).Render(DotpromptDocument.Parse(source), new RenderData { Input = new JsonObject { ["name"] = "Ada" } })
        .Messages.SelectMany(message => message.Content).OfType<TextPart>().Select(part => part.Text));
}
