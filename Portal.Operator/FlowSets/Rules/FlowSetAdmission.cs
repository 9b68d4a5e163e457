using Portal.Operator.Admission;
using Portal.Operator.Flows;
using Portal.Operator.Flows.Rules;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.FlowSets.Rules;

/// <summary>The rules of FlowSets.</summary>
internal static class FlowSetAdmission
{
    public static KindAdmission<FlowSet> Create() => new(
        new FlowSetSpecRule(),
        new RunnerRules<FlowSet>(set => set.Spec),
        new FlowPartRules<FlowSet>(set => set.Spec.Flows.Select((flow, index) => new FlowPart(flow, $"spec.flows[{index}]", set.Namespace, ServesPrompts: false))),
        new FlowSetNeighboursRule())
    {
        ImageField = "image",
    };

    /// <summary>What the reconciler would report of the spec alone.</summary>
    private sealed class FlowSetSpecRule : IAdmissionRule<FlowSet>
    {
        public IEnumerable<AdmissionFinding> Check(FlowSet target, AdmissionScope scope)
        {
            foreach (var problem in FlowRules.Find(target, target.Spec))
            {
                yield return AdmissionFinding.Of(problem);
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var index = 0; index < target.Spec.Flows.Count; index++)
            {
                var (flow, path) = (target.Spec.Flows[index], $"spec.flows[{index}]");
                if (!seen.Add(flow.Name))
                {
                    yield return AdmissionFinding.Error($"{path}.name", FlowSetMember.DuplicateName(flow.Name), "rename one of them");
                }

                foreach (var problem in FlowRules.FindMember(flow.Name, flow, path))
                {
                    yield return AdmissionFinding.Of(problem);
                }

                if (flow.Prompts is { Count: > 0 } prompts && flow.PromptRefs is not { Count: > 0 } && prompts.All(IsPartial))
                {
                    yield return AdmissionFinding.Broken($"{path}.prompts", FlowSetMember.OnlyPartials);
                }
            }
        }

        private static bool IsPartial(FlowPrompt entry) => entry is { PromptRef: null, Name: null, Prompt.Name: { } name } && name.StartsWith('_');
    }

    /// <summary>Flows whose children would have the names of this set's.</summary>
    private sealed class FlowSetNeighboursRule : IAdmissionRule<FlowSet>
    {
        public IEnumerable<AdmissionFinding> Check(FlowSet target, AdmissionScope scope)
        {
            if (scope.Read(objects => objects.FindFlow(target.Namespace, target.Name)) is not null)
            {
                yield return AdmissionFinding.Warning("metadata.name", "is that of a Flow, and both would own the Service and Deployment of that name", "choose another name");
            }

            for (var index = 0; index < target.Spec.Flows.Count; index++)
            {
                var name = $"{target.Name}-{target.Spec.Flows[index].Name}";
                if (scope.Read(objects => objects.FindFlow(target.Namespace, name)) is not null)
                {
                    yield return AdmissionFinding.Warning(
                        $"spec.flows[{index}].name", $"makes ConfigMaps with the names of those of the Flow {Names.Quoted(name)}", "choose another name");
                }
            }
        }
    }
}
