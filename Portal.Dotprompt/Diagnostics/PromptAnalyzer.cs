using Portal.Dotprompt.Documents;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>
/// Finds everything wrong or doubtful in a document, with exact ranges. Never throws, whatever the text, and takes time linear in its length.
/// An error in the template carries the message that rendering would fail with.
/// </summary>
public static class PromptAnalyzer
{
    /// <returns>At most a few hundred diagnostics, in the order of the text.</returns>
    public static IReadOnlyList<Diagnostic> Analyze(DotpromptDocument document, AnalysisContext context)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(context);
        var sink = new DiagnosticSink(document);
        foreach (var diagnostic in document.Diagnostics)
        {
            sink.Add(diagnostic);
        }

        var frontmatter = new FrontmatterAnalyzer(document, context, sink);
        frontmatter.Analyze();
        AddTemplateErrors(document, sink);

        var walker = new TemplateWalker(document, frontmatter.InputSchema);
        walker.Walk();
        new TemplateAnalyzer(document, context, sink, walker).Analyze();
        return sink.Found;
    }

    private static void AddTemplateErrors(DotpromptDocument document, DiagnosticSink sink)
    {
        var offset = document.Parts.BodyStart;
        foreach (var error in document.Compiled.Errors)
        {
            sink.Add(
                DiagnosticSeverity.Error,
                error.Code,
                error.Message,
                offset + error.Start,
                offset + error.End,
                [.. error.Fixes.Select(fix => sink.Fix(fix.Title, offset + fix.Start, offset + fix.End, fix.NewText))]);
        }
    }
}
