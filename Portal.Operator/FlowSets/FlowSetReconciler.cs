using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.FlowSets;

/// <summary>
/// Turns a FlowSet into a manifest, the files of its flows, a Service and a Deployment. A flow that cannot be served as it is written
/// goes on as it was, or is left out when it never was; the status names it and the others are served. When none can be served, what runs stays as it is.
/// </summary>
internal sealed class FlowSetReconciler(
    GenkitInformers informers, KubeClient client, FlowChildren children, FlowContent content, StatusWriter writer, IReadOnlyList<EnvVar> runnerVariables) : IReconciler
{
    private readonly FlowApplier _applier = new(informers, children, content, writer);
    private readonly FlowSetPlan _plan = new(informers, children);

    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        if (informers.FlowSets.Store.Find(key.Namespace, key.Name) is not { DeletionTimestamp: null } set)
        {
            return ReconcileResult.Done;
        }

        IReadOnlyList<FlowSetMember> members = [];
        var problem = Check(set);
        if (problem is null)
        {
            members = await _plan.ResolveAsync(set, cancellationToken).ConfigureAwait(false);
            problem = members.Any(member => member.Content is not null) ? null : members[0].Problem;
        }

        var rendered = problem is null ? Render(set, members) : null;
        var applied = rendered is null
            ? new Applied { Deployment = _applier.FindDeployment(set), Problem = problem }
            : await _applier.ApplyAsync(FlowSetRenderer.OwnerOf(set), set.Spec, rendered, cancellationToken).ConfigureAwait(false);
        if (rendered is not null && applied is { Problem: null, Pause.IsPaused: false })
        {
            await RemoveOrphansAsync(set, rendered.Children, cancellationToken).ConfigureAwait(false);
        }

        List<Problem> faults = [.. members.SelectMany(member => member.Faults), .. rendered is null ? [] : _applier.FaultsOf(set.Spec)];
        await writer.WriteAsync(set, FlowSetVerdict.Of(set, members, applied, rendered?.ContentHash, faults), cancellationToken).ConfigureAwait(false);
        return applied.Again is { } again ? ReconcileResult.After(again) : ReconcileResult.Done;
    }

    private RenderedFlow Render(FlowSet set, IReadOnlyList<FlowSetMember> members) => FlowSetRenderer.Render(
        set,
        [.. members.Where(member => member.Content is not null)],
        [.. FlowDependencies.Variables(set.Namespace, set.Spec.Env, informers)],
        runnerVariables,
        _applier.ReplicasOf(set, set.Spec));

    private static Problem? Check(FlowSet set)
    {
        try
        {
            return FlowRules.Check(set, set.Spec);
        }
        catch (JsonException exception)
        {
            return Problem.Unreadable(exception);
        }
    }

    /// <summary>ConfigMaps of flows that are no longer served.</summary>
    private async Task RemoveOrphansAsync(FlowSet set, IReadOnlyList<FlowChild> wanted, CancellationToken cancellationToken)
    {
        var names = wanted.Select(child => child.Desired.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var map in informers.OwnedConfigMaps(set).Where(map => !names.Contains(map.Name)))
        {
            await client.Resource(BuiltIn.ConfigMap)
                .DeleteAsync(map.Namespace, map.Name, new DeleteOptions { PreconditionUid = map.Uid }, cancellationToken).ConfigureAwait(false);
        }
    }
}
