using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Features.Playground;
using Portal.Features.Prompts.Partials;

namespace Portal.Features.Prompts;

/// <summary>A document with everything found in it.</summary>
/// <param name="Problems">In the order of the text, errors before warnings at the same place.</param>
/// <param name="InputSchema">As JSON Schema; null when there is none or it cannot be read.</param>
public sealed record CheckedPrompt(DotpromptDocument Document, IReadOnlyList<Diagnostic> Problems, JsonObject? InputSchema)
{
    private PromptOutline? _outline;

    /// <summary>What the document consists of.</summary>
    public PromptOutline Outline => _outline ??= PromptOutline.Of(Document);

    public IEnumerable<Diagnostic> Errors => Problems.Where(problem => problem.Severity == DiagnosticSeverity.Error);
}

/// <summary>Checks documents against their namespace: the same findings in the editor, at publish and from the REST API.</summary>
public sealed class PromptCheck(PromptSurroundings surroundings, PromptPreview preview, PartialLibrary library)
{
    public CheckedPrompt Check(string @namespace, string name, string content)
    {
        var document = DotpromptDocument.Parse(content);
        var problems = PromptAnalyzer.Analyze(document, surroundings.ContextOf(@namespace, name) with { History = partial => library.HistoryOf(@namespace, partial) })
            .OrderBy(problem => problem.Range.StartLine).ThenBy(problem => problem.Range.StartColumn).ThenBy(problem => problem.Severity);
        return new CheckedPrompt(document, [.. problems], preview.InputSchema(@namespace, name, document));
    }
}
