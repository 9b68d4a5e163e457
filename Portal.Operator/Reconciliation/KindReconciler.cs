using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;

namespace Portal.Operator.Reconciliation;

/// <summary>Reconciles a kind that makes nothing: judges the object by what is in the stores and writes the verdict.</summary>
internal abstract class KindReconciler<T, TStatus>(ObjectStore<T> store, StatusWriter writer) : IReconciler
    where T : KubeObject, IKubeKind<T>
    where TStatus : GenkitStatus, new()
{
    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        if (store.Find(key.Namespace, key.Name) is not { DeletionTimestamp: null } target)
        {
            return ReconcileResult.Done;
        }

        Verdict<TStatus> verdict;
        try
        {
            verdict = Judge(target);
        }
        catch (JsonException exception)
        {
            verdict = NotReady(Problem.Unreadable(exception));
        }

        await writer.WriteAsync(target, verdict, cancellationToken).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>Pure: looks at the object and at stores, changes nothing.</summary>
    protected abstract Verdict<TStatus> Judge(T target);

    protected static Verdict<TStatus> NotReady(Problem problem) => new(new TStatus(), [ConditionOf.NotReady(problem)]);
}
