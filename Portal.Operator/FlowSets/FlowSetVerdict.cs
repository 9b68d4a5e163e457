using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.FlowSets;

/// <summary>What a FlowSet's status says. The set is Ready when all its flows are.</summary>
internal static class FlowSetVerdict
{
    public static Verdict<FlowSetStatus> Of(
        FlowSet set, IReadOnlyList<FlowSetMember> members, Applied applied, string? contentHash, IReadOnlyList<Problem> faults)
    {
        var rollout = FlowRollout.Of(applied.Deployment).Explained(applied.Trouble);
        members = [.. members.Select(member => member.Problem is null ? member with { Problem = RunnerProblems.Explained(RunnerProblems.Find(applied.Served, member.Flow.Name), member.Faults) ?? Feared(set, member, applied, contentHash) } : member)];
        var first = members.Select(member => member.Problem).FirstOrDefault(problem => problem is not null);
        var outcome = FlowOutcome.Of(FlowSetRenderer.OwnerOf(set), applied, rollout, contentHash, first, faults, set.Spec.IsHot);
        var flows = members.DistinctBy(member => member.Flow.Name).Select(member => FlowOf(member, applied, outcome)).ToList();
        return new(
            new FlowSetStatus
            {
                Phase = outcome.Phase,
                AvailableReplicas = outcome.AvailableReplicas,
                Replicas = outcome.Replicas,
                Selector = outcome.Selector,
                ContentHash = outcome.ContentHash,
                ServedContentHash = outcome.ServedContentHash,
                Flows = flows,
                ReadyFlows = flows.Count(flow => flow.Ready),
                TotalFlows = flows.Count > 0 ? flows.Count : (set.Json["spec"]?["flows"] as JsonArray)?.Count ?? 0,
            },
            outcome.Conditions);
    }

    /// <summary>What looks broken from here is, until a pod says that it works: images may read other files and keys than ours.</summary>
    private static Problem? Feared(FlowSet set, FlowSetMember member, Applied applied, string? contentHash) =>
        applied.Served is { Answered: > 0 } || (contentHash is not null && set.Json["status"]?["servedContentHash"]?.ToString() == contentHash) ? null
            : member.Faults is [var first, ..] ? first : null;

    private static FlowSetFlowStatus FlowOf(FlowSetMember member, Applied applied, FlowOutcome outcome) =>
        (member.Problem ?? applied.Problem) is { } problem
            ? new() { Name = member.Flow.Name, Phase = FlowOutcome.PhaseOf(problem), Message = problem.Message }
            : outcome.Waiting is { } waiting
                ? new() { Name = member.Flow.Name, Phase = outcome.Rollout.Phase, Message = waiting.Message }
                : new() { Name = member.Flow.Name, Ready = outcome.Rollout.Ready.IsTrue, Phase = outcome.Rollout.Phase, Message = outcome.Rollout.Ready.Message };
}
