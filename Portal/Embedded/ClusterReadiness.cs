using Portal.Endpoints;
using Portal.Kubernetes.Runtime;
using Portal.Operator;

namespace Portal.Embedded;

/// <summary>Ready when the kinds are served and every informer has filled its store, whether the operator of this process leads or stands by.</summary>
internal sealed class ClusterReadiness(OperatorHost operatorHost, InformerFactory informers, ClusterInfo cluster) : IReadinessCheck
{
    public ValueTask<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        var synced = operatorHost.IsSynced && informers.WaitForSyncAsync(CancellationToken.None).IsCompletedSuccessfully;
        return ValueTask.FromResult(synced ? null : $"the cluster ({cluster.Description}) is not in sync yet");
    }
}
