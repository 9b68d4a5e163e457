using Portal.Dotprompt.Documents;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>What the prompt is checked against. Null lists mean "not known: do not report".</summary>
public sealed record AnalysisContext
{
    public IReadOnlyCollection<string>? Models { get; init; }
    public IReadOnlyCollection<string>? Tools { get; init; }
    public IReadOnlyCollection<string>? Partials { get; init; }
}

/// <summary>Finds everything wrong or doubtful in a document, with exact ranges. Never throws, whatever the text.</summary>
public static class PromptAnalyzer
{
    public static IReadOnlyList<Diagnostic> Analyze(DotpromptDocument document, AnalysisContext context) => throw new NotImplementedException();
}
