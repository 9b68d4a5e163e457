using System.Text;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Operator.Admission;
using Portal.Operator.Flows;

namespace Portal.Operator.Prompts.Rules;

/// <summary>A document has text, no errors, and fits into a ConfigMap.</summary>
internal sealed class PromptDocumentRule : IAdmissionRule<Prompt>
{
    public const string Empty = "spec.content is empty";

    public IEnumerable<AdmissionFinding> Check(Prompt target, AdmissionScope scope)
    {
        var content = target.Spec.Content;
        var bytes = Encoding.UTF8.GetByteCount(content);
        if (bytes > FlowRules.MaxConfigMapBytes)
        {
            return [AdmissionFinding.Error("spec.content", $"has {bytes} bytes, more than the {FlowRules.MaxConfigMapBytes} a ConfigMap can hold", "shorten it")];
        }

        return string.IsNullOrWhiteSpace(content) ? [AdmissionFinding.Broken("spec.content", Empty, "write a Dotprompt document")] : Check(content, "spec.content");
    }

    /// <param name="content">A document.</param>
    /// <param name="field">Where it is written.</param>
    public static IEnumerable<AdmissionFinding> Check(string content, string field) => Diagnose(DotpromptDocument.Parse(content))
        .Where(diagnostic => diagnostic.Severity != DiagnosticSeverity.Info)
        .Select(diagnostic => new AdmissionFinding(
            diagnostic.Severity == DiagnosticSeverity.Error ? FindingWeight.Broken : FindingWeight.Warning, field, Describe(diagnostic)));

    /// <summary>What can be said of a document alone, in the order of its text.</summary>
    public static IOrderedEnumerable<Diagnostic> Diagnose(DotpromptDocument document) => document.Diagnostics
        .Concat(PromptAnalyzer.Analyze(document, new AnalysisContext()))
        .Distinct()
        .OrderBy(diagnostic => diagnostic.Range.StartLine)
        .ThenBy(diagnostic => diagnostic.Range.StartColumn);

    public static string Describe(Diagnostic diagnostic) => $"line {diagnostic.Range.StartLine}, column {diagnostic.Range.StartColumn}: {diagnostic.Message}";
}
