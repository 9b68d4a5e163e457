using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>
/// Reads a Deployment: phase, readiness and whether anything serves. Running and Ready mean that every replica is of the current
/// revision; older pods that still answer show as <see cref="ConditionTypes.Serving"/>.
/// </summary>
internal sealed record FlowRollout(FlowPhase Phase, Condition Ready, Condition Serving, int Available)
{
    public static FlowRollout Of(KubeObject? deployment, int desired)
    {
        var available = AvailableIn(deployment);
        if (deployment is null)
        {
            return new(FlowPhase.Pending, Waiting("waiting for deployment"), ServingOf(0), 0);
        }

        var phase = PhaseOf(deployment, desired);
        var counts = $"{available}/{Count(deployment, "replicas")} replicas available";
        var ready = phase switch
        {
            FlowPhase.Running => ConditionOf.Ready(counts),
            FlowPhase.Failed => ConditionOf.False(
                ConditionTypes.Ready, ConditionReasons.ProgressDeadlineExceeded, $"deployment phase={phase}, {counts}: {StuckMessage(deployment)}"),
            _ => Waiting($"deployment phase={phase}, {counts}"),
        };
        return new(phase, ready, ServingOf(available), available);
    }

    /// <summary>Pods that answer now, of any revision; 0 without a Deployment.</summary>
    public static int AvailableIn(KubeObject? deployment) => deployment is null ? 0 : Count(deployment, "availableReplicas");

    public static Condition ServingOf(int available) => available > 0
        ? ConditionOf.True(ConditionTypes.Serving, ConditionReasons.ReplicasAvailable, available == 1 ? "1 replica answers" : $"{available} replicas answer")
        : ConditionOf.False(ConditionTypes.Serving, ConditionReasons.NoReplicasAvailable, "no replica answers");

    private static FlowPhase PhaseOf(KubeObject deployment, int desired)
    {
        if (desired == 0)
        {
            return FlowPhase.Running;
        }

        var observed = Count(deployment, "observedGeneration") >= deployment.Generation;
        if (observed && IsStuck(deployment))
        {
            return FlowPhase.Failed;
        }

        var (replicas, updated, available) = (Count(deployment, "replicas"), Count(deployment, "updatedReplicas"), AvailableIn(deployment));
        if (available == 0)
        {
            return FlowPhase.Pending;
        }

        // The same test as kubectl rollout status: all updated, none left over, all of them available.
        return observed && updated >= desired && replicas <= updated && available >= updated ? FlowPhase.Running : FlowPhase.Updating;
    }

    private static bool IsStuck(KubeObject deployment) =>
        deployment.FindCondition("Progressing") is { Status: "False", Reason: "ProgressDeadlineExceeded" };

    private static string StuckMessage(KubeObject deployment) =>
        deployment.FindCondition("Progressing") is { Message.Length: > 0 } progressing ? progressing.Message : "the rollout makes no progress";

    private static Condition Waiting(string message) => ConditionOf.False(ConditionTypes.Ready, ConditionReasons.Reconciling, message);

    private static int Count(KubeObject deployment, string field) =>
        (deployment.Json["status"] as JsonObject)?[field] is JsonValue value && value.TryGetValue(out int count) ? count : 0;
}
