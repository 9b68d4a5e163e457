using Portal.Kubernetes.Objects;
using Portal.Operator.Admission;

namespace Portal.Operator.Flows.Rules;

/// <summary>One flow as rules see it, whether it stands alone or in a FlowSet.</summary>
/// <param name="Parts">What it is made of.</param>
/// <param name="Path">Where it is in the object, such as <c>spec.flows[1]</c>.</param>
/// <param name="Namespace">Where its references are looked up.</param>
/// <param name="ServesPrompts">Whether every prompt has a route of its own.</param>
internal sealed record FlowPart(IFlowParts Parts, string Path, string? Namespace, bool ServesPrompts);

/// <summary>A rule on one flow.</summary>
internal interface IFlowPartRule
{
    IEnumerable<AdmissionFinding> Check(FlowPart part, AdmissionScope scope);
}

/// <summary>Runs the rules on single flows for every flow an object has.</summary>
internal sealed class FlowPartRules<T>(Func<T, IEnumerable<FlowPart>> parts) : IAdmissionRule<T> where T : KubeObject
{
    private static readonly IFlowPartRule[] s_rules =
    [
        new PromptEntriesRule(),
        new InlinePromptsRule(),
        new ReferencesRule(),
        new ModelChoiceRule(),
    ];

    public IEnumerable<AdmissionFinding> Check(T target, AdmissionScope scope) =>
        parts(target).SelectMany(part => s_rules.SelectMany(rule => rule.Check(part, scope)));
}
