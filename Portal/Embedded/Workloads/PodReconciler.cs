using System.Collections.Concurrent;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;

namespace Portal.Embedded.Workloads;

/// <summary>The kubelet of this machine: one worker for each pod that is a flow or an evaluation; others are told that they cannot run here.</summary>
internal sealed partial class PodReconciler(Informer<KubeObject> pods, PodEnvironment shared) : IReconciler
{
    private readonly ConcurrentDictionary<(string Namespace, string Name), PodWorker> _workers = new();
    private readonly ConcurrentDictionary<Task, bool> _stopping = new();

    /// <summary>Port a pod listens on; null when it has none.</summary>
    public int? FindPort(KubeObject pod) =>
        _workers.TryGetValue((pod.Namespace!, pod.Name), out var worker) && worker.Uid == pod.Uid ? worker.Port : null;

    public Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        var id = (key.Namespace!, key.Name);
        var pod = pods.Store.Find(key.Namespace, key.Name);
        var alive = pod is not null && pod.DeletionTimestamp is null;
        if (_workers.TryGetValue(id, out var worker) && (!alive || worker.Uid != pod!.Uid))
        {
            _workers.TryRemove(id, out _);
            Track(StopAsync(worker, pod, quickly: false));
        }

        if (!alive)
        {
            return Task.FromResult(ReconcileResult.Done);
        }

        return IsFlow(pod!) ? Task.FromResult(StartWorker(id, pod!)) : RefuseAsync(pod!, cancellationToken);
    }

    /// <summary>Tells the pods of its namespace that a ConfigMap or Secret has changed.</summary>
    public void Tell(KubeObject source)
    {
        foreach (var ((owner, _), worker) in _workers)
        {
            if (owner == source.Namespace)
            {
                worker.Tell(source);
            }
        }
    }

    /// <summary>Stops all processes. Call when nothing reconciles any more.</summary>
    public async Task StopAllAsync()
    {
        foreach (var (id, worker) in _workers)
        {
            _workers.TryRemove(id, out _);
            Track(StopAsync(worker, pod: null, quickly: true));
        }

        await Task.WhenAll(_stopping.Keys);
    }

    private static bool IsFlow(KubeObject pod) =>
        pod.Labels.GetValueOrDefault(GenkitApi.ManagedByLabel) == GenkitApi.ManagedByValue && PodSpec.Of(pod).NodeName == LocalNode.Name;

    private ReconcileResult StartWorker((string, string) id, KubeObject pod)
    {
        if (!_workers.ContainsKey(id) && pod.Json["status"]?["phase"]?.ToString() is not ("Succeeded" or "Failed"))
        {
            var worker = new PodWorker(pod, shared);
            _workers[id] = worker;
            worker.Start();
        }

        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> RefuseAsync(KubeObject pod, CancellationToken cancellationToken)
    {
        if (pod.Json["status"]?["containerStatuses"] is null)
        {
            var state = ContainerState.Waiting(
                "UnsupportedWorkload", $"This cluster runs only genkit flows: pods of Deployments and Jobs labelled {GenkitApi.ManagedByLabel}={GenkitApi.ManagedByValue}.");
            var spec = PodSpec.Of(pod);
            var status = PodStatus.Compute(pod, spec.Runner, state, before: null, shared.TimeProvider.GetUtcNow());
            await shared.Client.Resource(BuiltIn.Pod).MergePatchAsync(
                pod.Namespace, pod.Name, new JsonObject { ["status"] = status }, "status", new WriteOptions { Manager = FieldManager.Local }, cancellationToken);
        }

        return ReconcileResult.Done;
    }

    private async Task StopAsync(PodWorker worker, KubeObject? pod, bool quickly)
    {
        try
        {
            await worker.StopAsync(quickly);
            worker.Dispose();
            if (pod?.DeletionTimestamp is not null)
            {
                var options = new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = pod.Uid };
                await shared.Client.Resource(BuiltIn.Pod).DeleteAsync(pod.Namespace, pod.Name, options, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is KubernetesException or IOException or UnauthorizedAccessException or HttpRequestException)
        {
            Log.NotCleaned(shared.Logger, worker.Name, exception);
        }
    }

    private void Track(Task task)
    {
        _stopping[task] = true;
        _ = task.ContinueWith(done => _stopping.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Pod {Pod} is stopped, but not all it left could be removed")]
        public static partial void NotCleaned(ILogger logger, string pod, Exception exception);
    }
}
