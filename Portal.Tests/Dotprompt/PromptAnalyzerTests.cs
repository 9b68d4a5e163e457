using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;

namespace Portal.Tests.Dotprompt;

public class PromptAnalyzerTests
{
    private const string Schema = "---\ninput:\n  schema:\n    customer_name: string\n    items(array):\n      title: string\n---\n";

    private static readonly AnalysisContext s_context = new()
    {
        Models = ["demo/echo-stream", "openai/gpt-4o"],
        Tools = ["search", "weather"],
        Partials = ["header", "loop", "round", "ends"],
        PartialSource = Partial,
        PartialName = "self",
    };

    private static string? Partial(string name) => name switch
    {
        "header" => "",
        "loop" => "{{> round}}",
        "round" => "{{#each x}}{{> ends}}{{/each}}{{> loop}}",
        "ends" => "{{#if x}}{{> ends}}{{/if}}",
        _ => null,
    };

    /// <summary>Source, then what is found: severity, code, range as line:column-line:column, and the text after each fix.</summary>
    public static TheoryData<string, string[]> Cases => new()
    {
        { "---\nmodel: [\n---\nHi", ["Error invalid-yaml 3:1-3:1"] },
        { "---\nmodel: a\nb:\tc: d\n---\nHi", ["Error invalid-yaml 3:5-3:6"] },
        { "---\nmodel: @x\n---\nHi", ["Error invalid-yaml 2:8-2:9"] },
        { "---\nmodel: demo/echo-stream\nmodel: b\n---\nHi", ["Error duplicate-key 3:1-3:6"] },
        { "---\nmodel: demo/echo-stream\nHi", ["Error unclosed-frontmatter 1:1-1:4"] },
        { "---\n- a\n---\nHi", ["Error invalid-frontmatter 2:1-2:4"] },
        { "---\nmodle: x\n---\nHi", ["Info unknown-key 2:1-2:6 → ---\nmodel: x\n---\nHi"] },
        { "---\nconfig.temperature: 1\n---\nHi", ["Warning dotted-key 2:1-2:19"] },
        { "---\ntools: search\n---\nHi", ["Error wrong-type 2:8-2:14"] },
        { "---\nconfig: warm\n---\nHi", ["Error wrong-type 2:9-2:13"] },
        { "---\nmodel: 5\n---\nHi", ["Error wrong-type 2:8-2:9"] },
        { "---\nconfig:\n  temperature: 3\n---\nHi", ["Warning config-range 3:16-3:17"] },
        { "---\nmodel: openai/gpt4o\n---\nHi", ["Warning unknown-model 2:8-2:20 → ---\nmodel: openai/gpt-4o\n---\nHi"] },
        { "---\ntools: [serch]\n---\nHi", ["Warning unknown-tool 2:9-2:14 → ---\ntools: [search]\n---\nHi"] },
        {
            "---\ninput:\n  schema:\n    a: int, how many\n---\n{{a}}",
            ["Error invalid-schema 4:8-4:11 → ---\ninput:\n  schema:\n    a: integer, how many\n---\n{{a}}"]
        },
        { "---\noutput:\n  schema:\n    a(list): string\n---\nHi", ["Error invalid-schema 4:5-4:12"] },
        { "a\n{{#if x}}\nb", ["Error unclosed-block 2:1-2:10 → a\n{{#if x}}\nb{{/if}}"] },
        { "a {{/if}}", ["Error unmatched-closing-block 1:3-1:10 → a "] },
        { "{{#if x}}a{{/each}}", ["Error unmatched-closing-block 1:11-1:20 → {{#if x}}a{{/if}}"] },
        { "{{#each x}}{{#if y}}a{{/each}}", ["Error unclosed-block 1:12-1:21 → {{#each x}}{{#if y}}a{{/if}}{{/each}}"] },
        { "Hello {{name, and more", ["Error unbalanced-brace 1:7-1:9"] },
        { "{\"a\": {{a}}}", ["Error unbalanced-brace 1:10-1:13 → {\"a\": {{a}} }"] },
        { "{{else}}", ["Error unexpected-else 1:1-1:9"] },
        { "x {{jsn a}}", ["Error unknown-helper 1:3-1:12 → x {{json a}}"] },
        { "{{a.0}}", ["Error invalid-path 1:5-1:6 → {{a.[0]}}"] },
        { "{{#role \"system\"}}x{{/role}}", ["Error block-form 1:1-1:19 → {{role \"system\"}}x"] },
        { "{{#history}}{{/history}}", ["Error block-form 1:1-1:13 → {{history}}"] },
        { "a{{#section \"s\"}}{{b}}{{/section}}c", ["Error block-form 1:2-1:18 → a{{section \"s\"}}{{b}}c"] },
        { "{{if a}}", ["Error block-only-helper 1:1-1:9"] },
        { "{{role}}", ["Error helper-arguments 1:1-1:9"] },
        { "{{media \"http://x\"}}", ["Error helper-arguments 1:1-1:21"] },
        { "{{role \"assistant\"}}x", ["Warning unknown-role 1:1-1:21 → {{role \"model\"}}x"] },
        { "{{> heder}}", ["Error missing-partial 1:1-1:12 → {{> header}}"] },
        { "x{{> loop}}", ["Error partial-cycle 1:2-1:12"] },
        { "{{> ends}}", [] },
        { "{{#if a}}{{> round}}{{/if}}", ["Error partial-cycle 1:10-1:21"] },
        { "{{#> gone}}fallback{{/gone}}", [] },
        {
            "---\ninput:\n  schema: {n: integer, s: string, e(enum): [a, b], l(array): number}\n  default: {n: \"5\", s: 5, e: c, l: [1, x]}\n---\n{{n}}{{s}}{{e}}{{l}}",
            [
                "Warning default-type 4:16-4:19 → ---\ninput:\n  schema: {n: integer, s: string, e(enum): [a, b], l(array): number}\n  default: {n: 5, s: 5, e: c, l: [1, x]}\n---\n{{n}}{{s}}{{e}}{{l}}",
                "Warning default-type 4:24-4:25 → ---\ninput:\n  schema: {n: integer, s: string, e(enum): [a, b], l(array): number}\n  default: {n: \"5\", s: \"5\", e: c, l: [1, x]}\n---\n{{n}}{{s}}{{e}}{{l}}",
                "Warning default-type 4:30-4:31",
                "Warning default-type 4:40-4:41",
            ]
        },
        { "---\ninput:\n  schema: {n?: integer, o: {a: boolean}}\n  default: {n: null, o: {a: true}, x: 1}\n---\n{{n}}{{o.a}}", [] },
        { "{{#*inline \"own\"}}x{{/inline}}{{> own}}", [] },
        {
            Schema + "{{custmer_name}}{{#each items}}{{title}}{{/each}}",
            [
                "Warning unused-variable 4:5-4:18",
                "Warning undefined-variable 8:3-8:15 → " + Schema + "{{customer_name}}{{#each items}}{{title}}{{/each}} → "
                + "---\ninput:\n  schema:\n    custmer_name: string\n    customer_name: string\n    items(array):\n      title: string\n---\n{{custmer_name}}{{#each items}}{{title}}{{/each}}",
            ]
        },
        { Schema + "{{customer_name}}", ["Warning unused-variable 5:5-5:10"] },
        { Schema + "{{#each items as |it|}}{{it.titel}}{{@index}}{{../customer_name}}{{/each}}", ["Warning undefined-variable 8:29-8:34 → " + Schema + "{{#each items as |it|}}{{it.title}}{{@index}}{{../customer_name}}{{/each}}"] },
        { Schema + "{{#each items}}{{#if title}}{{title}}{{customer_name}}{{/if}}{{/each}}", ["Warning unused-variable 4:5-4:18", "Warning undefined-variable 8:40-8:53"] },
        { Schema + "{{#each items as |it|}}{{#if it}}{{it.title}}{{/if}}{{/each}}{{@root.customer_name}}", [] },
        { Schema + "{{json this}}", [] },
        { "{{anything}}", [] },
        { "---\ninput:\n  default: {a: 1}\n  schema: {b: string}\n---\n{{a}}{{b}}", [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Analyze_Document_FindsExactly(string source, string[] expected)
    {
        var found = PromptAnalyzer.Analyze(DotpromptDocument.Parse(source), s_context);
        Assert.Equal(expected, found.Select(diagnostic => Describe(source, diagnostic)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Render_DocumentWithErrors_FailsWithAMessageOfTheAnalyzer(string source, string[] expected)
    {
        var document = DotpromptDocument.Parse(source);
        var errors = PromptAnalyzer.Analyze(document, s_context).Where(found => found.Severity == DiagnosticSeverity.Error).ToList();
        var renderer = new PromptRenderer(new RenderEnvironment { Partial = Partial });
        var exception = Record.Exception(() => renderer.Render(document, new RenderData()));
        if (errors.Count == 0)
        {
            Assert.Null(exception);
        }
        else if (expected is not [var only] || !(only.Contains("wrong-type", StringComparison.Ordinal) || only.Contains("partial-cycle", StringComparison.Ordinal)))
        {
            Assert.Contains(Assert.IsType<PromptRenderException>(exception).Message, errors.Select(error => error.Message.Split(" Did you mean")[0]).Concat(errors.Select(error => error.Message)));
        }
    }

    [Fact]
    public void Analyze_PartialThatCallsItself_IsFoundBeforeItIsSaved()
    {
        var context = s_context with { Partials = ["self", "other"], PartialSource = name => name == "other" ? "{{> self}}" : null };
        Assert.Equal("partial-cycle", Assert.Single(PromptAnalyzer.Analyze(DotpromptDocument.Parse("{{> other}}"), context)).Code);
        Assert.Empty(PromptAnalyzer.Analyze(DotpromptDocument.Parse("{{#if x}}{{> other}}{{/if}}"), context));
    }

    [Fact]
    public void Analyze_CarriageReturnsAndByteOrderMark_CountsLinesAsAnEditorDoes()
    {
        var found = PromptAnalyzer.Analyze(DotpromptDocument.Parse("\uFEFF---\r\nmodel: demo/echo-stream\r---\nHi\r\n  {{#if a}}"), s_context);
        Assert.Equal(new TextRange(5, 3, 5, 12), Assert.Single(found).Range);
    }

    private static string Describe(string source, Diagnostic diagnostic)
    {
        var range = diagnostic.Range;
        var fixes = diagnostic.Fixes.Select(fix => " → " + Apply(source, fix));
        return $"{diagnostic.Severity} {diagnostic.Code} {range.StartLine}:{range.StartColumn}-{range.EndLine}:{range.EndColumn}{string.Concat(fixes)}";
    }

    private static string Apply(string source, QuickFix fix)
    {
        var (start, end) = (Offset(source, fix.Range.StartLine, fix.Range.StartColumn), Offset(source, fix.Range.EndLine, fix.Range.EndColumn));
        return source[..start] + fix.NewText + source[end..];
    }

    private static int Offset(string source, int line, int column) => source.Split('\n').Take(line - 1).Sum(text => text.Length + 1) + column - 1;
}
