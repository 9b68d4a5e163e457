using Portal.Dotprompt.Diagnostics;

namespace Portal.Components.Code;

/// <param name="Text">The whole text.</param>
/// <param name="Version">Grows with every change in that editor.</param>
public sealed record EditedText(string Text, long Version);

/// <summary>What completion and hover know about the surroundings of a document.</summary>
public sealed record LanguageData
{
    public IReadOnlyList<LanguageItem> Models { get; init; } = [];
    public IReadOnlyList<LanguageItem> Tools { get; init; } = [];
    public IReadOnlyList<LanguageItem> Partials { get; init; } = [];
    public IReadOnlyList<LanguageItem> Variables { get; init; } = [];
}

/// <param name="Name">What is inserted.</param>
/// <param name="Detail">Shown beside it, such as a type.</param>
/// <param name="Documentation">Shown below it, as Markdown.</param>
public sealed record LanguageItem(string Name, string? Detail = null, string? Documentation = null);

/// <summary>A diagnostic in the shape the editor's script reads.</summary>
internal sealed record EditorProblem(string Severity, string Code, string Message, TextRange Range, IReadOnlyList<QuickFix> Fixes)
{
    public static EditorProblem From(Diagnostic diagnostic) =>
        new(diagnostic.Severity.ToString().ToLowerInvariant(), diagnostic.Code, diagnostic.Message, diagnostic.Range, diagnostic.Fixes);
}
