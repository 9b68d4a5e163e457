using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>The four conditions of what serves flows: Ready is the verdict, Progressing tells of the roll-out, Degraded of what is broken, and
/// Serving whether callers are answered meanwhile.</summary>
internal static class FlowConditions
{
    /// <summary>Why changes are not made.</summary>
    public static Problem PausedProblem { get; } = new(ConditionReasons.Paused, "spec.paused is true: changes wait until it is false");

    /// <param name="owner">Whose they are.</param>
    /// <param name="rollout">Of its Deployment.</param>
    /// <param name="problem">What keeps it from being Ready, beside the roll-out.</param>
    /// <param name="faults">What is broken although it may be Ready.</param>
    public static IReadOnlyList<Condition> Of(ChildOwner owner, FlowRollout rollout, Problem? problem, IEnumerable<Problem> faults)
    {
        // A key that is missing is why pods do not come up; a route that the cluster does not serve is not.
        var cause = faults.FirstOrDefault(fault => fault.Reason != ConditionReasons.GatewayApiMissing);
        var broken = problem is { Passes: false } ? problem : cause ?? (rollout.Phase == FlowPhase.Failed ? rollout.Problem : null);
        return
        [
            problem is null ? rollout.Ready : ConditionOf.NotReady(problem),
            problem is { Reason: ConditionReasons.Reloading } ? ConditionOf.True(ConditionTypes.Progressing, problem.Reason, problem.Message) : rollout.Progressing,
            DegradedBy(owner, broken ?? faults.FirstOrDefault() ?? rollout.Problem),
            ServingOf(rollout.Available),
        ];
    }

    /// <summary>Nothing could be applied. Pods of an earlier revision may go on.</summary>
    public static IReadOnlyList<Condition> Blocked(ChildOwner owner, FlowRollout rollout, Problem problem) =>
    [
        ConditionOf.NotReady(problem),
        problem.Passes
            ? ConditionOf.True(ConditionTypes.Progressing, problem.Reason, problem.Message)
            : ConditionOf.False(ConditionTypes.Progressing, problem.Reason, "nothing is rolled out until this is repaired"),
        DegradedBy(owner, problem.Passes ? null : problem),
        ServingOf(rollout.Available),
    ];

    /// <summary>Nothing is applied because the spec says so.</summary>
    /// <param name="isBehind">Whether there would be something to apply.</param>
    public static IReadOnlyList<Condition> Paused(ChildOwner owner, FlowRollout rollout, bool isBehind, IEnumerable<Problem> faults)
    {
        var message = isBehind ? PausedProblem.Message : "spec.paused is true: nothing waits";
        var all = Of(owner, rollout, isBehind ? PausedProblem : null, faults);
        return
        [
            all[0],
            new() { Type = ConditionTypes.Progressing, Status = "Unknown", Reason = ConditionReasons.Paused, Message = message },
            DegradedBy(owner, faults.FirstOrDefault() ?? rollout.Problem),
            all[3],
        ];
    }

    private static Condition DegradedBy(ChildOwner owner, Problem? problem) => problem is null
        ? ConditionOf.False(ConditionTypes.Degraded, ConditionReasons.AsExpected, "nothing is known to be broken")
        : ConditionOf.True(ConditionTypes.Degraded, problem.Reason, problem.Trail is { } trail ? $"{owner.Title()} → {trail}" : problem.Message);

    private static Condition ServingOf(int available) => available > 0
        ? ConditionOf.True(ConditionTypes.Serving, ConditionReasons.ReplicasAvailable, available == 1 ? "1 replica answers" : $"{available} replicas answer")
        : ConditionOf.False(ConditionTypes.Serving, ConditionReasons.NoReplicasAvailable, "no replica answers");
}
