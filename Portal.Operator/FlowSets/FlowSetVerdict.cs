using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.FlowSets;

/// <summary>What a FlowSet's status says. The set is Ready when all its flows are.</summary>
internal static class FlowSetVerdict
{
    public static Verdict<FlowSetStatus> Of(
        FlowSet set, IReadOnlyList<FlowSetMember> members, Applied applied, string? contentHash, IReadOnlyList<Problem> faults)
    {
        var rollout = FlowRollout.Of(applied.Deployment);
        var first = members.Select(member => member.Problem).FirstOrDefault(problem => problem is not null);
        var outcome = FlowOutcome.Of(FlowSetRenderer.OwnerOf(set), applied, rollout, contentHash, first, faults);
        var flows = members.DistinctBy(member => member.Flow.Name).Select(member => FlowOf(member, applied, rollout)).ToList();
        return new(
            new FlowSetStatus
            {
                Phase = outcome.Phase,
                AvailableReplicas = outcome.AvailableReplicas,
                Replicas = outcome.Replicas,
                Selector = outcome.Selector,
                ContentHash = outcome.ContentHash,
                Flows = flows,
                ReadyFlows = flows.Count(flow => flow.Ready),
                TotalFlows = flows.Count > 0 ? flows.Count : (set.Json["spec"]?["flows"] as JsonArray)?.Count ?? 0,
            },
            outcome.Conditions);
    }

    private static FlowSetFlowStatus FlowOf(FlowSetMember member, Applied applied, FlowRollout rollout) =>
        (member.Problem ?? applied.Problem) is { } problem
            ? new() { Name = member.Flow.Name, Phase = FlowOutcome.PhaseOf(problem), Message = problem.Message }
            : new() { Name = member.Flow.Name, Ready = rollout.Ready.IsTrue && !applied.Pause.IsBehind, Phase = rollout.Phase, Message = rollout.Ready.Message };
}
