using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Kubernetes.Selectors;

namespace Portal.Operator.Reconciliation;

/// <summary>Reconciles only objects whose labels are selected; the others belong to another operator.</summary>
/// <param name="inner">Does the work.</param>
/// <param name="shard">Selects by labels.</param>
/// <param name="find">The object as last seen.</param>
internal sealed class ShardReconciler(IReconciler inner, LabelSelector shard, Func<ResourceRef, KubeObject?> find) : IReconciler
{
    public Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken) =>
        find(key) is { } found && shard.Matches(found.Json) ? inner.ReconcileAsync(key, cancellationToken) : Task.FromResult(ReconcileResult.Done);
}
