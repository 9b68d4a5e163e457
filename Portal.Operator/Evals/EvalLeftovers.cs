using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Evals.Rules;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals;

/// <summary>Puts away what an earlier version of an Eval has left: the workload of a schedule that came or went, samples that are elsewhere now,
/// and a schedule that must not go on while the Eval cannot run as it is written.</summary>
internal sealed class EvalLeftovers(GenkitInformers informers, KubeClient client, FlowChildren children)
{
    /// <summary>On a CronJob: the operator has suspended it, not its owner. A suspension of somebody else stays.</summary>
    private const string SuspendedAnnotation = "genkit.dev/suspended";

    private static readonly WriteOptions s_options = new() { Manager = FieldManager.Operator };

    /// <summary>After what is needed was applied.</summary>
    public async Task RemoveAsync(EvalPlan plan, RenderedEval rendered, CancellationToken cancellationToken)
    {
        var eval = plan.Eval;
        var (kind, name) = plan.IsScheduled ? (BuiltIn.Job, EvalRenderer.JobName(eval)) : (BuiltIn.CronJob, eval.Name);
        if (FindOwn(eval, kind, name) is { } other)
        {
            await DeleteAsync(kind, other, cancellationToken).ConfigureAwait(false);
        }

        var samples = EvalDataset.OwnedName(eval);
        if (rendered.Support.All(child => child.Desired.Name != samples) && FindOwn(eval, BuiltIn.ConfigMap, samples) is { } stale)
        {
            await DeleteAsync(BuiltIn.ConfigMap, stale, cancellationToken).ConfigureAwait(false);
        }

        if (eval.Spec.OutputSink.ConfigMap is null && IsNew(eval))
        {
            await RevokeAsync(eval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops a schedule for as long as there is a problem, and takes away what runs may write when that has come to belong to another object.</summary>
    public async Task SuspendAsync(Eval eval, CancellationToken cancellationToken)
    {
        if (EvalRules.FindTaken(eval, informers) is not null)
        {
            await RevokeAsync(eval, cancellationToken).ConfigureAwait(false);
        }

        if (FindOwn(eval, BuiltIn.CronJob, eval.Name) is { } cronJob && cronJob.Json["spec"]?["suspend"]?.GetValueKind() != JsonValueKind.True)
        {
            await SetSuspendedAsync(cronJob, true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lets a schedule go on that <see cref="SuspendAsync"/> has stopped.</summary>
    public async Task ResumeAsync(Eval eval, CancellationToken cancellationToken)
    {
        if (FindOwn(eval, BuiltIn.CronJob, eval.Name) is { } cronJob && cronJob.Annotations.ContainsKey(SuspendedAnnotation))
        {
            await SetSuspendedAsync(cronJob, null, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task DeleteAsync(ResourceDefinition kind, KubeObject target, CancellationToken cancellationToken) => client.Resource(kind).DeleteAsync(
        target.Namespace, target.Name, new DeleteOptions { PreconditionUid = target.Uid, PropagationPolicy = "Background" }, cancellationToken);

    private Task SetSuspendedAsync(KubeObject cronJob, bool? suspended, CancellationToken cancellationToken) => client.Resource(BuiltIn.CronJob).MergePatchAsync(
        cronJob.Namespace, cronJob.Name,
        new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [SuspendedAnnotation] = suspended is null ? null : "the Eval is not Ready" } },
            ["spec"] = new JsonObject { ["suspend"] = suspended },
        },
        subresource: null, s_options, cancellationToken);

    /// <summary>A result that goes elsewhere needs no access to ConfigMaps any more. The account stays, and may do nothing.</summary>
    private async Task RevokeAsync(Eval eval, CancellationToken cancellationToken)
    {
        var role = await client.Resource(BuiltIn.Role).FindAsync(eval.Namespace, EvalRenderer.AccountName(eval), cancellationToken).ConfigureAwait(false);
        if (role?.ControllerOwner?.Uid == eval.Uid && role.Json["rules"] is JsonArray { Count: > 0 })
        {
            await children.ApplyAsync(EvalRenderer.RoleOf(eval, []), cancellationToken).ConfigureAwait(false);
        }
    }

    private KubeObject? FindOwn(Eval eval, ResourceDefinition kind, string name) =>
        informers.FindChild(kind, eval.Namespace, name) is { DeletionTimestamp: null } found && found.ControllerOwner?.Uid == eval.Uid ? found : null;

    private static bool IsNew(Eval eval) =>
        eval.Json["status"]?["observedGeneration"] is not JsonValue seen || !seen.TryGetValue(out long generation) || generation != eval.Generation;
}
