using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>What the status of a Flow or FlowSet says after an attempt to apply it.</summary>
internal sealed record FlowOutcome(FlowPhase Phase, FlowRollout Rollout, string? ContentHash, string Selector, IReadOnlyList<Condition> Conditions)
{
    public int? AvailableReplicas => NullIfZero(Rollout.Available);

    public int? Replicas => NullIfZero(Rollout.Replicas);

    /// <param name="owner">The Flow or FlowSet.</param>
    /// <param name="applied">What became of it.</param>
    /// <param name="rollout">Of its Deployment.</param>
    /// <param name="contentHash">Hash of what was rendered; null when nothing could be.</param>
    /// <param name="problem">What keeps it from being Ready although it was applied.</param>
    /// <param name="faults">What is broken although it may be Ready.</param>
    public static FlowOutcome Of(
        ChildOwner owner, Applied applied, FlowRollout rollout, string? contentHash, Problem? problem, IReadOnlyList<Problem> faults)
    {
        // Until something else is applied, pods go on with what they had.
        var before = (owner.Object.Json["status"] as JsonObject)?["contentHash"]?.ToString();
        FlowOutcome Say(FlowPhase phase, string? hash, IReadOnlyList<Condition> conditions) => new(phase, rollout, hash, owner.Selector(), conditions);

        return applied switch
        {
            { Problem: { } blocking } => Say(PhaseOf(blocking), before, FlowConditions.Blocked(owner, rollout, blocking)),
            { Pause: { IsPaused: true, IsBehind: var isBehind } } => Say(
                isBehind ? rollout.Available > 0 ? FlowPhase.Updating : FlowPhase.Pending : rollout.Phase, before, FlowConditions.Paused(owner, rollout, isBehind, faults)),
            _ => Say(problem is null ? rollout.Phase : PhaseOf(problem), contentHash, FlowConditions.Of(owner, rollout, problem, faults)),
        };
    }

    /// <summary>Pending when the missing may come, Failed when the object itself must change.</summary>
    public static FlowPhase PhaseOf(Problem problem) =>
        problem.Reason is ConditionReasons.MissingDependency or ConditionReasons.Reconciling ? FlowPhase.Pending : FlowPhase.Failed;

    private static int? NullIfZero(int count) => count == 0 ? null : count;
}
