using Portal.Operator.Admission;
using Portal.Operator.Models.Rules;

namespace Portal.Operator.Flows.Rules;

/// <summary>A model is named or written in place, not both; one in place is checked like a Model.</summary>
internal sealed class ModelChoiceRule : IFlowPartRule
{
    public IEnumerable<AdmissionFinding> Check(FlowPart part, AdmissionScope scope)
    {
        // In a FlowSet the rule on its members says it, in its own words.
        if (part is { ServesPrompts: true, Parts: { ModelRef: not null, ModelSpec: not null } })
        {
            yield return AdmissionFinding.Broken($"{part.Path}.modelSpec", FlowDependencies.TwoModels, "remove one of them");
        }

        if (part.Parts.ModelSpec is { } model)
        {
            foreach (var finding in ModelRule.Check(model, $"{part.Path}.modelSpec", part.Namespace, scope))
            {
                yield return finding;
            }
        }
    }
}
