using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>
/// Turns a Flow into its ConfigMaps, Service and Deployment: check, resolve, render, apply, report. What is missing or invalid becomes a
/// condition and waits for a change; what the server refuses (a quota, say) becomes a condition and is tried again; anything else throws.
/// </summary>
internal sealed class FlowReconciler(GenkitInformers informers, FlowChildren children, StatusWriter writer) : IReconciler
{
    /// <summary>How long a refused write waits: nothing wakes us when a quota is lifted.</summary>
    public static readonly TimeSpan RefusalDelay = TimeSpan.FromSeconds(15);

    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        if (informers.FindFlow(key.Namespace, key.Name) is not { DeletionTimestamp: null } flow)
        {
            return ReconcileResult.Done;
        }

        var (rendered, problem) = Plan(flow);
        problem ??= await children.FindConflictAsync(FlowRenderer.OwnerOf(flow), rendered!.Children, cancellationToken).ConfigureAwait(false);
        if (problem is not null)
        {
            await writer.WriteAsync(flow, Blocked(flow, problem), cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        var (deployment, refused) = await children.ApplyAllAsync(rendered!.Children, cancellationToken).ConfigureAwait(false);
        if (refused is not null)
        {
            await writer.WriteAsync(flow, Blocked(flow, refused), cancellationToken).ConfigureAwait(false);
            return ReconcileResult.After(RefusalDelay);
        }

        var rollout = FlowRollout.Of(deployment, flow.Spec.Replicas ?? 1);
        var status = new FlowStatus { Phase = rollout.Phase, AvailableReplicas = NullIfZero(rollout.Available), ContentHash = rendered.ContentHash };
        await writer.WriteAsync(flow, new Verdict<FlowStatus>(status, [rollout.Ready, rollout.Serving]), cancellationToken).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>What the children should be, or why there can be none. Reads stores only.</summary>
    private (RenderedFlow? Rendered, Problem? Problem) Plan(Flow flow)
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

            var files = FlowFiles.Render(flow.Name, inputs);
            return FlowRules.Check(files) is { } tooLarge ? (null, tooLarge) : (FlowRenderer.Render(flow, inputs, files), null);
        }
        catch (JsonException exception)
        {
            return (null, Problem.Unreadable(exception));
        }
    }

    /// <summary>Not Ready, while pods of an earlier revision may go on serving what their hash says.</summary>
    private Verdict<FlowStatus> Blocked(Flow flow, Problem problem)
    {
        var deployment = informers.FindChild(BuiltIn.Deployment, flow.Namespace, flow.Name);
        var available = deployment?.ControllerOwner?.Uid == flow.Uid ? FlowRollout.AvailableIn(deployment) : 0;
        var waits = problem.Reason is ConditionReasons.MissingDependency or ConditionReasons.Reconciling;
        var status = new FlowStatus
        {
            Phase = waits ? FlowPhase.Pending : FlowPhase.Failed,
            AvailableReplicas = NullIfZero(available),
            ContentHash = (flow.Json["status"] as JsonObject)?["contentHash"]?.ToString(),
        };
        return new(status, [ConditionOf.NotReady(problem), FlowRollout.ServingOf(available)]);
    }

    private static int? NullIfZero(int count) => count == 0 ? null : count;
}
