using Portal.Operator.Admission;
using Portal.Operator.Flows;

namespace Portal.Operator.Prompts.Rules;

/// <summary>The rules of Prompts.</summary>
internal static class PromptAdmission
{
    public static KindAdmission<Prompt> Create() => new(new PromptNameRule(), new PromptDocumentRule());

    /// <summary>A Flow can serve a prompt of this name. It may be meant for FlowSets or other runners, so that it is no error here.</summary>
    private sealed class PromptNameRule : IAdmissionRule<Prompt>
    {
        public IEnumerable<AdmissionFinding> Check(Prompt target, AdmissionScope scope)
        {
            if (target.Name.Length > 0 && FlowRules.CheckPromptName(target.Name, served: true, "metadata.name") is { } problem)
            {
                yield return AdmissionFinding.Warning("metadata.name", $"no Flow can serve it: {problem.Message}");
            }
        }
    }
}
