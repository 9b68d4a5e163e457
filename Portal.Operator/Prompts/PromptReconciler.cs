using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Prompts.Rules;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Prompts;

/// <summary>Publishes hash and frontmatter of a Prompt. A document with errors stays Ready, as clients of this API expect, and is not Valid.</summary>
internal sealed class PromptReconciler(ObjectStore<Prompt> store, StatusWriter writer) : KindReconciler<Prompt, PromptStatus>(store, writer)
{
    protected override Verdict<PromptStatus> Judge(Prompt target) => JudgePrompt(target);

    internal static Verdict<PromptStatus> JudgePrompt(Prompt target)
    {
        var content = target.Spec.Content;
        if (string.IsNullOrWhiteSpace(content))
        {
            return NotReady(Problem.Invalid(PromptDocumentRule.Empty));
        }

        var document = DotpromptDocument.Parse(content);
        var broken = document.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        var status = new PromptStatus
        {
            ContentHash = Prompt.HashOf(content),
            ParsedFrontmatter = broken ? null : document.Metadata.Raw,
        };
        var error = PromptDocumentRule.Diagnose(document).FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        var valid = error is null
            ? ConditionOf.True(ConditionTypes.Valid, ConditionReasons.Valid, "document has no errors")
            : ConditionOf.False(
                ConditionTypes.Valid,
                ConditionReasons.InvalidDocument,
PromptDocumentRule.Describe(error));
        return new(status, [ConditionOf.Ready("prompt content parsed"), valid]);
    }
}
