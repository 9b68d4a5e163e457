using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>
/// Turns a Flow into its ConfigMaps, Service and Deployment: check, resolve, render, apply, report. What is missing or invalid becomes a
/// condition and waits for a change; what the server refuses (a quota, say) becomes a condition and is tried again; anything else throws.
/// </summary>
/// <param name="informers">The shared informers.</param>
/// <param name="children">Writes children.</param>
/// <param name="ledger">Knows what was written.</param>
/// <param name="content">Knows what pods serve.</param>
/// <param name="writer">Writes the status.</param>
/// <param name="variables">What every runner gets unless its spec says otherwise.</param>
internal sealed class FlowReconciler(
    GenkitInformers informers, FlowChildren children, ChildLedger ledger, FlowContent content, StatusWriter writer, IReadOnlyList<EnvVar> variables) : IReconciler
{
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(250);

    private readonly FlowApplier _applier = new(informers, children, content, writer);
    private readonly LastGood _lastGood = new(children);

    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        if (informers.FindFlow(key.Namespace, key.Name) is not { DeletionTimestamp: null } flow)
        {
            return ReconcileResult.Done;
        }

        var (plan, problem) = await PlanAsync(flow, cancellationToken).ConfigureAwait(false);
        var applied = plan is null
            ? new Applied { Deployment = _applier.FindDeployment(flow), Problem = problem }
            : await _applier.ApplyAsync(FlowRenderer.OwnerOf(flow), flow.Spec, plan.Rendered, cancellationToken).ConfigureAwait(false);
        if (plan is not null && SettlingTime(flow, plan.Rendered, applied) is { } settling)
        {
            return ReconcileResult.After(settling);
        }

        await writer.WriteAsync(flow, VerdictOf(flow, plan, applied), cancellationToken).ConfigureAwait(false);
        return applied.Again is { } again ? ReconcileResult.After(again) : ReconcileResult.Done;
    }

    /// <summary>How long a new Flow's first status may wait for the Deployment's controller to say a word, which saves a write; null when it should not.</summary>
    private TimeSpan? SettlingTime(Flow flow, RenderedFlow rendered, Applied applied)
    {
        if (applied.Problem is not null || applied.Deployment is null || FlowRollout.IsSeen(applied.Deployment) || flow.FindCondition(ConditionTypes.Ready) is not null)
        {
            return null;
        }

        var left = s_settling - ledger.SinceWritten(rendered.Children.First(child => child.Definition == BuiltIn.Deployment));
        return left > TimeSpan.Zero ? left : null;
    }

    /// <summary>What the children should be, or why there can be none.</summary>
    private async Task<(FlowPlan? Plan, Problem? Problem)> PlanAsync(Flow flow, CancellationToken cancellationToken)
    {
        try
        {
            if (FlowRules.Check(flow) is { } invalid)
            {
                return (null, invalid);
            }

            var (inputs, problem) = FlowDependencies.Resolve(flow, informers);
            if (inputs is null)
            {
                return (null, problem);
            }

            if (FlowRules.Check(inputs) is { } unusable)
            {
                return (null, unusable);
            }

            var (held, why) = await _lastGood
                .HoldAsync(FlowRenderer.OwnerOf(flow), inputs, FlowRenderer.ConfigMapName(flow.Name, "prompts"), cancellationToken).ConfigureAwait(false);
            var files = FlowFiles.Render(flow.Name, held);
            return FlowRules.Check(files) is { } tooLarge
                ? (null, tooLarge)
                : (new FlowPlan(FlowRenderer.Render(flow, held with { Defaults = variables }, files, _applier.ReplicasOf(flow, flow.Spec)), why, [.. inputs.Faults, .. _applier.FaultsOf(flow.Spec)]), null);
        }
        catch (JsonException exception)
        {
            return (null, Problem.Unreadable(exception));
        }
    }

    private static Verdict<FlowStatus> VerdictOf(Flow flow, FlowPlan? plan, Applied applied)
    {
        var (owner, rollout) = (FlowRenderer.OwnerOf(flow), FlowRollout.Of(applied.Deployment).Explained(applied.Trouble));
        var outcome = FlowOutcome.Of(owner, applied, rollout, plan?.Rendered.ContentHash, plan?.Held ?? RunnerProblems.Explained(RunnerProblems.FirstOf(applied.Served), plan?.Faults ?? []), plan?.Faults ?? [], flow.Spec.IsHot);
        return new(
            new FlowStatus
            {
                Phase = outcome.Phase,
                AvailableReplicas = outcome.AvailableReplicas,
                Replicas = outcome.Replicas,
                Selector = outcome.Selector,
                ContentHash = outcome.ContentHash,
                ServedContentHash = outcome.ServedContentHash,
            },
            outcome.Conditions);
    }

    /// <summary>What to apply, what of the spec is held back, and what is broken.</summary>
    private sealed record FlowPlan(RenderedFlow Rendered, Problem? Held, IReadOnlyList<Problem> Faults);
}
