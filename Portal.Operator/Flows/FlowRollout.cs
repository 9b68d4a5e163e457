using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>
/// Reads a Deployment: phase, and how far its roll-out is. Running means that every replica is of the current revision; older pods that
/// still answer count as available only.
/// </summary>
internal sealed record FlowRollout
{
    public required FlowPhase Phase { get; init; }

    /// <summary>Such as <c>1/2 replicas available</c>.</summary>
    public required string Counts { get; init; }

    /// <summary>Pods that answer now, of any revision.</summary>
    public required int Available { get; init; }

    /// <summary>Pods there are, of any revision.</summary>
    public required int Replicas { get; init; }

    public required Condition Progressing { get; init; }

    /// <summary>Why there will be no more of it without a change; null while there is hope.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The same with what the pods say. That they cannot start is a problem of its own while the roll-out still has time.</summary>
    public FlowRollout Explained(string? trouble) => trouble is null ? this
        : this with { Problem = Problem is null ? new Problem(ConditionReasons.PodsFailing, trouble) { Trail = trouble } : Problem with { Trail = $"{Problem.Message.TrimEnd('.')}: {trouble}" } };

    /// <summary>Ready unless there is a problem or more to wait for.</summary>
    public Condition Ready => this switch
    {
        { Phase: FlowPhase.Running } => ConditionOf.Ready(Counts),
        { Phase: FlowPhase.Failed, Problem: { } problem } => ConditionOf.NotReady(problem with { Message = $"deployment phase={Phase}, {Counts}: {problem.Message}" }),
        { Problem: { Reason: ConditionReasons.PodsFailing } problem } => ConditionOf.NotReady(problem with { Message = $"deployment phase={Phase}, {Counts}: {problem.Message}" }),
        { Replicas: 0, Available: 0, Counts: NoDeployment } => Waiting(NoDeployment),
        _ => Waiting($"deployment phase={Phase}, {Counts}"),
    };

    private const string NoDeployment = "waiting for deployment";

    public static FlowRollout Of(KubeObject? deployment)
    {
        if (deployment is null)
        {
            return new()
            {
                Phase = FlowPhase.Pending,
                Counts = NoDeployment,
                Available = 0,
                Replicas = 0,
                Progressing = ConditionOf.True(ConditionTypes.Progressing, ConditionReasons.Reconciling, NoDeployment),
            };
        }

        var phase = PhaseOf(deployment);

        // What its controller has not seen yet it will count in a moment: then there is nothing new to write.
        var (available, replicas) = (Count(deployment, "availableReplicas"), IsSeen(deployment) ? Count(deployment, "replicas") : FlowDeployment.ReplicasOf(deployment) ?? 1);
        var stuck = phase == FlowPhase.Failed ? new Problem(ConditionReasons.ProgressDeadlineExceeded, StuckMessage(deployment)) : null;
        return new()
        {
            Phase = phase,
            Counts = $"{available}/{replicas} replicas available",
            Available = available,
            Replicas = replicas,
            Problem = stuck ?? Fallen(deployment, phase, available),
            Progressing = (stuck, phase) switch
            {
                ({ } problem, _) => ConditionOf.False(ConditionTypes.Progressing, problem.Reason, problem.Message),
                (_, FlowPhase.Running) => ConditionOf.True(ConditionTypes.Progressing, ConditionReasons.NewReplicaSetAvailable, "every replica is of the current revision"),
                _ => ConditionOf.True(ConditionTypes.Progressing, ConditionReasons.ReplicaSetUpdated, "replicas of the current revision are coming up"),
            },
        };
    }

    /// <summary>Whether its controller has seen the Deployment once.</summary>
    public static bool IsSeen(KubeObject deployment) => Count(deployment, "observedGeneration") > 0;

    private static FlowPhase PhaseOf(KubeObject deployment)
    {
        var desired = FlowDeployment.ReplicasOf(deployment) ?? 1;
        if (desired == 0)
        {
            return FlowPhase.Running;
        }

        var observed = IsObserved(deployment);
        if (observed && deployment.FindCondition("Progressing") is { Status: "False", Reason: ConditionReasons.ProgressDeadlineExceeded })
        {
            return FlowPhase.Failed;
        }

        var (replicas, updated, available) = (Count(deployment, "replicas"), Count(deployment, "updatedReplicas"), Count(deployment, "availableReplicas"));
        if (available == 0)
        {
            return FlowPhase.Pending;
        }

        // The same test as kubectl rollout status: all updated, none left over, all of them available.
        return observed && updated >= desired && replicas <= updated && available >= updated ? FlowPhase.Running : FlowPhase.Updating;
    }

    /// <summary>Pods that die after the end of a roll-out never meet its deadline.</summary>
    private static Problem? Fallen(KubeObject deployment, FlowPhase phase, int available) =>
        phase != FlowPhase.Running && IsObserved(deployment) &&
        deployment.FindCondition("Progressing") is { Status: "True", Reason: ConditionReasons.NewReplicaSetAvailable } &&
        deployment.FindCondition("Available") is { Status: "False" }
            ? new Problem(ConditionReasons.MinimumReplicasUnavailable, $"too few replicas answer: {available}")
            : null;

    private static bool IsObserved(KubeObject deployment) => Count(deployment, "observedGeneration") >= deployment.Generation;

    private static string StuckMessage(KubeObject deployment) =>
        deployment.FindCondition("Progressing") is { Message.Length: > 0 } progressing ? progressing.Message : "the rollout makes no progress";

    private static Condition Waiting(string message) => ConditionOf.False(ConditionTypes.Ready, ConditionReasons.Reconciling, message);

    private static int Count(KubeObject deployment, string field) =>
        (deployment.Json["status"] as JsonObject)?[field] is JsonValue value && value.TryGetValue(out int count) ? count : 0;
}
