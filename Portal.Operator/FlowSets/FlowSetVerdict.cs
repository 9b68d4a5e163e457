using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.FlowSets;

/// <summary>What a FlowSet's status says. The set is Ready when all its flows are.</summary>
internal static class FlowSetVerdict
{
    /// <summary>After all was applied.</summary>
    public static Verdict<FlowSetStatus> Of(FlowSet set, IReadOnlyList<FlowSetMember> members, KubeObject? deployment, string contentHash)
    {
        var rollout = FlowRollout.Of(deployment, set.Spec.Replicas ?? 1);
        var served = new FlowSetFlowStatus { Ready = rollout.Ready.IsTrue, Phase = rollout.Phase, Message = rollout.Ready.Message };
        var flows = members.Select(member => member.Problem is { } problem ? Broken(member.Flow.Name, problem) : served with { Name = member.Flow.Name });
        var first = members.Select(member => member.Problem).FirstOrDefault(problem => problem is not null);
        var status = Status(set, [.. flows], rollout.Available) with { Phase = first is null ? rollout.Phase : PhaseOf(first), ContentHash = contentHash };
        return new(status, [first is null ? rollout.Ready : ConditionOf.NotReady(first), rollout.Serving]);
    }

    /// <summary>Nothing was applied, while pods of an earlier revision may go on serving what their hash says.</summary>
    public static Verdict<FlowSetStatus> Blocked(FlowSet set, IReadOnlyList<FlowSetMember> members, Problem problem, KubeObject? deployment)
    {
        var available = FlowRollout.AvailableIn(deployment);
        var flows = members.DistinctBy(member => member.Flow.Name).Select(member => Broken(member.Flow.Name, member.Problem ?? problem));
        var status = Status(set, [.. flows], available) with
        {
            Phase = PhaseOf(problem),
            ContentHash = (set.Json["status"] as JsonObject)?["contentHash"]?.ToString(),
        };
        return new(status, [ConditionOf.NotReady(problem), FlowRollout.ServingOf(available)]);
    }

    private static FlowSetStatus Status(FlowSet set, IReadOnlyList<FlowSetFlowStatus> flows, int available) => new()
    {
        AvailableReplicas = available == 0 ? null : available,
        Flows = flows,
        ReadyFlows = flows.Count(flow => flow.Ready),
        TotalFlows = flows.Count > 0 ? flows.Count : (set.Json["spec"]?["flows"] as JsonArray)?.Count ?? 0,
    };

    private static FlowSetFlowStatus Broken(string flow, Problem problem) => new() { Name = flow, Phase = PhaseOf(problem), Message = problem.Message };

    private static FlowPhase PhaseOf(Problem problem) =>
        problem.Reason is ConditionReasons.MissingDependency or ConditionReasons.Reconciling ? FlowPhase.Pending : FlowPhase.Failed;
}
