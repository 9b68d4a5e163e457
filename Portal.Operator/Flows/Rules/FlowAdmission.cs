using Portal.Operator.Admission;

namespace Portal.Operator.Flows.Rules;

/// <summary>The rules of Flows.</summary>
internal static class FlowAdmission
{
    public static KindAdmission<Flow> Create() => new(
        new FlowSpecRule(),
        new RunnerRules<Flow>(flow => flow.Spec),
        new FlowPartRules<Flow>(flow => [new FlowPart(flow.Spec, "spec", flow.Namespace, ServesPrompts: true)]),
        new FlowNeighboursRule())
    {
        ImageField = "image",
    };

    /// <summary>What the reconciler would report of the spec alone.</summary>
    private sealed class FlowSpecRule : IAdmissionRule<Flow>
    {
        public IEnumerable<AdmissionFinding> Check(Flow target, AdmissionScope scope) => FlowRules.Find(target).Select(AdmissionFinding.Of);
    }

    /// <summary>A FlowSet of the same name owns the same Service, and tools may lead back here.</summary>
    private sealed class FlowNeighboursRule : IAdmissionRule<Flow>
    {
        public IEnumerable<AdmissionFinding> Check(Flow target, AdmissionScope scope)
        {
            if (scope.Read(objects => objects.FindFlowSet(target.Namespace, target.Name)) is not null)
            {
                yield return AdmissionFinding.Warning("metadata.name", "is that of a FlowSet, and both would own the Service and Deployment of that name", "choose another name");
            }

            if (ToolLoops.Find(target, scope) is { } loop)
            {
                yield return AdmissionFinding.Broken("spec.tools", $"tools lead back here: {loop}", "remove one of them");
            }
        }
    }
}
