using System.Text;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;

namespace Portal.Tests.Dotprompt;

/// <summary>Nothing an author or a caller can send makes parsing or analysis throw, or rendering fail other than with its own exception.</summary>
public class HostileInputTests
{
    private static readonly AnalysisContext s_context = new() { Models = ["a/b"], Tools = ["t"], Partials = ["p"] };

    /// <summary>What is repeated, how often, and the first code that must be found (none: "").</summary>
    public static TheoryData<string, int, string, string> Repetitions => new()
    {
        { "x", 5_000_000, "", "too-large" },
        { "{{#if a}}", 10_000, "", "too-deep" },
        { "{{#if a}}x{{else}}", 10_000, "", "too-deep" },
        { "{{else if a}}", 10_000, "{{#if a}}", "too-deep" },
        { "{{^a}}", 30_000, "", "too-deep" },
        { "(lookup ", 100_000, "{{a ", "too-deep" },
        { "(", 100_000, "{{a ", "unbalanced-brace" },
        { "{{", 400_000, "", "unbalanced-brace" },
        { "{{\"", 30_000, "", "unbalanced-brace" },
        { "{{[", 30_000, "", "unbalanced-brace" },
        { "{{'", 30_000, "", "unbalanced-brace" },
        { "{{!--", 200_000, "", "unclosed-comment" },
        { "{{!-- --", 100_000, "", "unclosed-comment" },
        { "{{{{a}}}}", 30_000, "", "unclosed-block" },
        { "{{/a}}", 30_000, "", "unmatched-closing-block" },
        { "{{a b}}", 30_000, "", "unknown-helper" },
        { "{{a.", 30_000, "", "unbalanced-brace" },
        { "}}", 500_000, "", "" },
        { "\\{{", 300_000, "", "" },
        { "{{a}} ", 40_000, "", "" },
        { "\uD800{{\uDC00}}", 20_000, "", "" },
        { "\0", 1_000_000, "", "" },
        { "---\n", 200_000, "", "" },
        { "\n", 1_000_000, "", "" },
        { "[", 500_000, "---\na: ", "unclosed-frontmatter" },
    };

    public static TheoryData<string, string> Frontmatters => new()
    {
        { "a: " + new string('[', 100_000), "too-deep" },
        { new string('-', 1) + string.Concat(Enumerable.Repeat(" -", 50_000)), "too-deep" },
        { string.Concat(Enumerable.Range(0, 5_000).Select(i => $"{new string(' ', Math.Min(i, 200))}k:\n")), "too-deep" },
        { string.Concat(Enumerable.Range(0, 60_000).Select(i => $"k{i}: 1\n")), "too-large" },
        { "a: &a [x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 20).Select(i => $"b{i}: &b{i} [*{(i == 1 ? "a" : $"b{i - 1}")},*{(i == 1 ? "a" : $"b{i - 1}")}]\n")), "too-large" },
        { "a: &a [*a]", "invalid-yaml" },
        { "%YAML 1.2", "invalid-yaml" },
        { "? [a]\n: b", "invalid-yaml" },
        { "a: *gone", "invalid-yaml" },
        { "a: b\n...\nc: d", "invalid-yaml" },
        { "a: \"" + new string('x', 300_000), "invalid-yaml" },
        { "model:\n\t\tx: [", "invalid-yaml" },
        { "a: 'b", "invalid-yaml" },
        { "{", "invalid-yaml" },
        { "]", "invalid-yaml" },
        { "a: \uD800", "" },
        { "a: \"\\uD800\"", "invalid-yaml" },
        { "a: !!binary x\nb: !<x> y\nc: !!int z", "" },
    };

    [Theory]
    [MemberData(nameof(Repetitions))]
    public void Analyze_Repetition_GivesOneClearAnswer(string piece, int count, string prefix, string code)
    {
        var source = new StringBuilder(prefix).Insert(prefix.Length, piece, count).ToString();
        Assert.Equal(code, CheckAll(source).FirstOrDefault(found => found.Severity == DiagnosticSeverity.Error)?.Code ?? "");
    }

    [Theory]
    [MemberData(nameof(Frontmatters))]
    public void Analyze_HostileFrontmatter_GivesOneClearAnswer(string yaml, string code)
    {
        var found = CheckAll($"---\n{yaml}\n---\nHi {{{{a}}}}");
        Assert.Equal(code, found.FirstOrDefault(item => item.Severity == DiagnosticSeverity.Error)?.Code ?? "");
    }

    [Theory]
    [InlineData(20261121)]
    [InlineData(7)]
    public void Everything_RandomDocuments_NeverFailsInAnotherWay(int seed)
    {
        string[] pieces =
        [
            "---\n", "---", "\n", "\r", "\r\n", "\uFEFF", " ", "\t", "model: a/b\n", "input:\n", "  schema:\n", "    a: string\n", "    b?(array, x): int\n", "  default: {a: 1}\n", "- ", "? ", ": ", "&x ", "*x", "!!str ",
            "|\n", ">-\n", "[", "]", "{", "}", "\"", "'", "{{", "}}", "{{{", "}}}", "{{{{", "}}}}", "{{{{/", "~", "#", "/", "^", ">", "!", "!--", "--", "&", "*", "#if", "#each", "else", "else if ", "/if", "/each", "as |", "|",
            "a", "b.c", "../", "@root", "@index", "this", "(", ")", "=", "1", ".5", "role", "\"system\"", "history", "media url=", "json", "> p", "#> p", "#*inline \"p\"", "@partial-block", "\\", "\uD800", "\uDC00", "\0", "é", "<<<dotprompt:role:system>>>",
        ];
        var random = new Random(seed);
        for (var i = 0; i < 3_000; i++)
        {
            var source = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => pieces[random.Next(pieces.Length)]));
            var exception = Record.Exception(() => CheckAll(source));
            Assert.True(exception is null, $"seed {seed}, document {i}: {JsonSerializer.Serialize(source)}: {exception}");
        }
    }

    [Theory]
    [InlineData("{{> p}}", "{{> p}}", "calls itself")]
    [InlineData("{{#each a}}{{> p}}{{/each}}", "{{#each @root.a}}{{#each @root.a}}{{#each @root.a}}{{#each @root.a}}{{#if x}}{{/if}}{{/each}}{{/each}}{{/each}}{{/each}}", "too many steps")]
    [InlineData("{{#each a}}{{> p}}{{/each}}", "{{#each @root.a}}{{#each @root.a}}{{@root.s}}{{/each}}{{/each}}", "larger than")]
    [InlineData("{{> p}}", "{{#if}}", "In the partial 'p': line 1")]
    public void Render_EndlessTemplate_IsStopped(string template, string partial, string message)
    {
        var input = new JsonObject
        {
            ["a"] = new JsonArray([.. Enumerable.Range(0, 100).Select(i => (JsonNode)i)]),
            ["s"] = new string('x', 1_000),
        };
        var renderer = new PromptRenderer(new RenderEnvironment { Partial = name => name == "p" ? partial : null });
        var exception = Assert.Throws<PromptRenderException>(() => renderer.Render(DotpromptDocument.Parse(template), new RenderData { Input = input }));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_DeepInput_FailsWithItsOwnException()
    {
        JsonNode deep = new JsonArray();
        for (var i = 0; i < 20_000; i++)
        {
            deep = new JsonArray(deep);
        }

        var document = DotpromptDocument.Parse("{{json a}}{{a}}");
        var exception = Assert.Throws<PromptRenderException>(() => new PromptRenderer(new RenderEnvironment()).Render(document, new RenderData { Input = new JsonObject { ["a"] = deep } }));
        Assert.Contains("too deeply", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_IndentsMakeASmallValueLarge_StopsBeforeItIsWhole()
    {
        JsonNode deep = new JsonArray(new JsonNode?[500_000]);
        for (var i = 0; i < 50; i++)
        {
            deep = new JsonArray(deep);
        }

        var document = DotpromptDocument.Parse("{{json a indent=10}}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var exception = Assert.Throws<PromptRenderException>(() => new PromptRenderer(new RenderEnvironment()).Render(document, new RenderData { Input = new JsonObject { ["a"] = deep } }));
        Assert.Contains("larger than", exception.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }

    [Fact]
    public void Render_InputWithAKeyTwice_FailsWithItsOwnException()
    {
        var input = JsonNode.Parse("{\"a\":1,\"a\":2}")!.AsObject();
        Assert.Throws<PromptRenderException>(() => new PromptRenderer(new RenderEnvironment()).Render(DotpromptDocument.Parse("{{a}}"), new RenderData { Input = input }));
    }

    private static IReadOnlyList<Diagnostic> CheckAll(string source)
    {
        var document = DotpromptDocument.Parse(source);
        var found = PromptAnalyzer.Analyze(document, s_context);
        Assert.NotNull(PromptOutline.Of(document));
        foreach (var strict in (ReadOnlySpan<bool>)[false, true])
        {
            var renderer = new PromptRenderer(new RenderEnvironment { StrictCompatibility = strict, Partial = name => name == "p" ? "[{{a}}]" : null });
            var exception = Record.Exception(() => renderer.Render(document, new RenderData { Input = new JsonObject { ["a"] = 1 } }));
            Assert.True(exception is null or PromptRenderException, exception?.ToString());
        }

        return found;
    }
}
