using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>What the status of a Flow or FlowSet says after an attempt to apply it.</summary>
internal sealed record FlowOutcome
{
    public required FlowPhase Phase { get; init; }
    public required FlowRollout Rollout { get; init; }
    public required string? ContentHash { get; init; }
    public required string? ServedContentHash { get; init; }
    public required string Selector { get; init; }
    public required IReadOnlyList<Condition> Conditions { get; init; }

    /// <summary>What all flows wait for although nothing is wrong with them; null when there is nothing.</summary>
    public Problem? Waiting { get; init; }

    public int? AvailableReplicas => NullIfZero(Rollout.Available);

    public int? Replicas => NullIfZero(Rollout.Replicas);

    /// <param name="owner">The Flow or FlowSet.</param>
    /// <param name="applied">What became of it.</param>
    /// <param name="rollout">Of its Deployment.</param>
    /// <param name="contentHash">Hash of what was rendered; null when nothing could be.</param>
    /// <param name="problem">What keeps it from being Ready although it was applied.</param>
    /// <param name="faults">What is broken although it may be Ready.</param>
    /// <param name="isHot">Whether pods read changes while they run.</param>
    public static FlowOutcome Of(
        ChildOwner owner, Applied applied, FlowRollout rollout, string? contentHash, Problem? problem, IReadOnlyList<Problem> faults, bool isHot)
    {
        // Until something else is applied, or read, pods go on with what they had.
        var (before, served) = (TextOf(owner, "contentHash"), TextOf(owner, "servedContentHash"));
        var outcome = new FlowOutcome
        {
            Phase = rollout.Phase,
            Rollout = rollout,
            ContentHash = before,
            ServedContentHash = served,
            Selector = owner.Selector(),
            Conditions = [],
        };
        switch (applied)
        {
            case { Problem: { } blocking }:
                return outcome with { Phase = PhaseOf(blocking), Conditions = FlowConditions.Blocked(owner, rollout, blocking) };
            case { Pause: { IsPaused: true, IsBehind: var isBehind } }:
                return outcome with
                {
                    Phase = isBehind ? rollout.Available > 0 ? FlowPhase.Updating : FlowPhase.Pending : rollout.Phase,
                    Conditions = FlowConditions.Paused(owner, rollout, isBehind, faults),
                    Waiting = isBehind ? FlowConditions.PausedProblem : null,
                };
        }

        if (isHot && applied.Served is { Answered: 0 } && rollout.Phase == FlowPhase.Running)
        {
            rollout = rollout with { Counts = $"{rollout.Counts}; no pod could be asked which content it serves" };
        }

        var waiting = isHot ? Reloading(applied.Served) : null;

        // New pods have read what there was when they started; only of several flows not each of them may work. What a pod calls broken is not
        // served, so that they are asked again whatever else the conditions tell meanwhile.
        var isServed = rollout.Phase == FlowPhase.Running && (applied.Served is { } told ? told is { IsCurrent: true, Problems.Count: 0 } : !(isHot || owner.HasSeveralFlows));
        return outcome with
        {
            Phase = (problem ?? waiting) is { } obstacle ? PhaseOf(obstacle) : rollout.Phase,
            Rollout = rollout,
            ContentHash = contentHash,
            ServedContentHash = isServed ? contentHash : served,
            Conditions = FlowConditions.Of(owner, rollout, problem ?? waiting, faults),
            Waiting = waiting,
        };
    }

    /// <summary>Pending when the missing may come, Failed when the object itself must change.</summary>
    public static FlowPhase PhaseOf(Problem problem) => problem.Reason switch
    {
        ConditionReasons.MissingDependency or ConditionReasons.Reconciling => FlowPhase.Pending,
        ConditionReasons.Reloading => FlowPhase.Updating,
        _ => FlowPhase.Failed,
    };

    private static Problem? Reloading(ServedContent? served)
    {
        if (served is null or { Answered: 0 } or { IsCurrent: true })
        {
            return null;
        }

        var message = $"{served.Current}/{served.Asked} pods have read the change";
        return new Problem(served.IsLate ? ConditionReasons.ProgressDeadlineExceeded : ConditionReasons.Reloading, message);
    }

    private static string? TextOf(ChildOwner owner, string field) => (owner.Object.Json["status"] as JsonObject)?[field]?.ToString();

    private static int? NullIfZero(int count) => count == 0 ? null : count;
}
