using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>Collects diagnostics of one document, from offsets; keeps at most <see cref="Limit"/>.</summary>
internal sealed class DiagnosticSink(DotpromptDocument document)
{
    private const int Limit = 200;

    private readonly List<Diagnostic> _found = [];

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<Diagnostic> Found =>
        [.. _found.OrderBy(found => found.Range.StartLine).ThenBy(found => found.Range.StartColumn).ThenBy(found => found.Severity)];

    public string Source => document.Source;

    public bool IsFull => _found.Count >= Limit;

    public void Add(Diagnostic diagnostic)
    {
        if (!IsFull)
        {
            _found.Add(diagnostic);
        }
    }

    /// <summary>Offsets count from the start of the source.</summary>
    public void Add(DiagnosticSeverity severity, string code, string message, int start, int end, params ReadOnlySpan<QuickFix> fixes) =>
        Add(new Diagnostic(severity, code, message, document.Lines.Range(start, end)) { Fixes = fixes.ToArray() });

    public QuickFix Fix(string title, int start, int end, string newText) => new(title, document.Lines.Range(start, end), newText);

    /// <summary>A change of several places as one fix over the stretch between them; null when it cannot be done or changes nothing.</summary>
    public QuickFix? Rewrite(string title, FieldEdit edit)
    {
        if (edit.Refusal is not null || edit.Edits.Count == 0)
        {
            return null;
        }

        var whole = TextEdit.Between(Source, TextEdit.Apply(Source, edit.Edits));
        return Fix(title, whole.Start, whole.End, whole.NewText);
    }

    /// <summary>" Did you mean 'x'?" with its fix; nothing when no candidate is near. The fix is left out where the name is quoted or escaped.</summary>
    public (string Hint, QuickFix[] Fixes) Suggest(string name, IEnumerable<string> candidates, int start, int end)
    {
        if (Spelling.Nearest(name, candidates) is not { } near)
        {
            return ("", []);
        }

        var at = Source.IndexOf(name, start, Math.Max(0, Math.Min(end, Source.Length) - start), StringComparison.Ordinal);
        return ($" Did you mean '{near}'?", at < 0 ? [] : [Fix($"Change to {near}", at, at + name.Length, near)]);
    }
}
