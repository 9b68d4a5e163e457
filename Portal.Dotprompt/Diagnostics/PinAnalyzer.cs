using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>Checks partials that are pinned to a revision: whether their text is there, is that of the revision, and is the newest.</summary>
internal sealed class PinAnalyzer(DotpromptDocument document, AnalysisContext context, DiagnosticSink sink, TemplateWalker walker)
{
    public void Analyze()
    {
        foreach (var (name, start, end, hasFallback) in walker.Partials.DistinctBy(partial => partial.Name))
        {
            if (!hasFallback && !walker.InlinePartials.Contains(name) && PartialPin.Read(name) is { } pin && !sink.IsFull)
            {
                Check(name, pin, start, end);
            }
        }

        if (document.Partials.Count > 0 && document.Compiled.Errors.Count == 0)
        {
            ReportUnused();
        }
    }

    private void Check(string name, PartialPin pin, int start, int end)
    {
        var history = context.History(pin.Name);
        var revision = history?.Find(pin.Revision);
        if (!document.Partials.TryGetValue(name, out var text))
        {
            ReportMissing(pin, history, revision, start, end);
            return;
        }

        if (revision is not null && revision.Text != text)
        {
            sink.Add(
                DiagnosticSeverity.Warning, "changed-pin", $"The text kept here as '{name}' is not revision {pin.Revision} of '{pin.Name}'.", start, end,
                Fixes(sink.Rewrite($"Put revision {pin.Revision} back", PartialPins.Pin(document, name, pin, revision))));
        }

        if (history is not null && history.Newest > pin.Revision && history.Find(history.Newest) is { } newest)
        {
            var next = pin with { Revision = history.Newest };
            sink.Add(
                DiagnosticSeverity.Info, "newer-revision", $"There is revision {next.Revision} of '{pin.Name}'; this is {pin.Revision}.", start, end,
                Fixes(sink.Rewrite($"Upgrade to {next}", PartialPins.Upgrade(document, next, newest))));
        }
    }

    private void ReportMissing(PartialPin pin, PartialHistory? history, PartialRevision? revision, int start, int end)
    {
        if (revision is not null)
        {
            sink.Add(
                DiagnosticSeverity.Error, "missing-pin", $"The text of '{pin}' is not in this document yet.", start, end,
                Fixes(sink.Rewrite($"Take in revision {pin.Revision} of {pin.Name}", PartialPins.Pin(document, pin.ToString(), pin, revision))));
        }
        else if (history is not null && history.Find(history.Newest) is { } newest)
        {
            var next = pin with { Revision = history.Newest };
            sink.Add(
                DiagnosticSeverity.Error, "missing-pin", $"There is no revision {pin.Revision} of '{pin.Name}'; the newest is {next.Revision}.", start, end,
                Fixes(sink.Rewrite($"Use {next}", PartialPins.Pin(document, pin.ToString(), next, newest))));
        }
        else
        {
            sink.Add(DiagnosticSeverity.Error, "missing-pin", $"The text of '{pin}' is not in this document, and there is no partial '{pin.Name}' with revisions here.", start, end);
        }
    }

    private void ReportUnused()
    {
        var unused = PartialPins.Unused(document);
        foreach (var name in unused)
        {
            if (FrontmatterWriter.Find(document.Frontmatter, ["partials", name]) is { } entry)
            {
                sink.Add(
                    DiagnosticSeverity.Info, "unused-partial", $"Nothing calls '{name}'.", entry.Key.Start, entry.Key.End,
                    Fixes(sink.Rewrite(unused.Count == 1 ? "Remove it" : "Remove all that nothing calls", PartialPins.Prune(document))));
            }
        }
    }

    private static QuickFix[] Fixes(QuickFix? fix) => fix is null ? [] : [fix];
}
