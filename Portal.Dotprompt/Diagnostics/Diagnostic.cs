namespace Portal.Dotprompt.Diagnostics;

public enum DiagnosticSeverity
{
    Error,
    Warning,
    Info,
}

/// <summary>A place in the source. Lines and columns count from 1, columns in UTF-16 units, the end is exclusive (as in Monaco).</summary>
public readonly record struct TextRange(int StartLine, int StartColumn, int EndLine, int EndColumn);

/// <summary>Something wrong or doubtful in a document.</summary>
/// <param name="Severity">Errors stop publishing.</param>
/// <param name="Code">Stable kebab-case code, such as <c>unclosed-block</c>.</param>
/// <param name="Message">For people: names the thing and the fix.</param>
/// <param name="Range">Where.</param>
public sealed record Diagnostic(DiagnosticSeverity Severity, string Code, string Message, TextRange Range)
{
    /// <summary>Sure fixes, offered as one click.</summary>
    public IReadOnlyList<QuickFix> Fixes { get; init; } = [];
}

/// <param name="Title">What the fix does.</param>
/// <param name="Range">What it replaces.</param>
/// <param name="NewText">With what.</param>
public sealed record QuickFix(string Title, TextRange Range, string NewText);
