using System.Collections.Concurrent;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Flows;

namespace Portal.Operator.Bench;

/// <summary>Watches Deployments and Flows of the namespace, and on a server without one plays the Deployment controller: a pod a replica, which
/// is there with the first status and answers with the second.</summary>
internal sealed class Watcher : IAsyncDisposable
{
    private readonly Cluster _cluster;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Watcher(Cluster cluster)
    {
        _cluster = cluster;
        var deployments = WatchAsync(cluster.Client.Resource(BuiltIn.Deployment), Deployments, cluster.IsEmbedded ? PlayAsync : null);
        _watching = Task.WhenAll(deployments, WatchAsync(cluster.Client.Resource(Flow.Definition), Flows, null));
    }

    public ConcurrentDictionary<string, KubeObject> Deployments { get; } = [];

    public ConcurrentDictionary<string, KubeObject> Flows { get; } = [];

    public static string HashOf(KubeObject deployment) =>
        deployment.Json["spec"]?["template"]?["metadata"]?["annotations"]?[GenkitApi.ContentHashAnnotation]?.ToString() ?? "";

    public int ReadyFlows => Flows.Values.Count(flow => flow.FindCondition("Ready") is { IsTrue: true } ready && ready.ObservedGeneration == flow.Generation
        && Deployments.TryGetValue(flow.Name, out var deployment) && flow.Json["status"]?["contentHash"]?.ToString() == HashOf(deployment));

    /// <summary>Waits until something holds; it is asked after each change.</summary>
    public async Task UntilAsync(Func<Watcher, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10), TimeProvider.System);
        while (true)
        {
            var next = _changed.Task;
            if (condition(this))
            {
                return;
            }

            await next.WaitAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WatchAsync(Resource<KubeObject> resource, ConcurrentDictionary<string, KubeObject> objects, Func<KubeObject, Task>? play)
    {
        while (!_stop.IsCancellationRequested)
        {
            await foreach (var change in resource.WatchAsync(_cluster.Namespace, null, _stop.Token))
            {
                if (change.Type == WatchEventType.Bookmark)
                {
                    continue;
                }

                objects[change.Object.Name] = change.Object;
                Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                if (play is not null)
                {
                    _ = play(change.Object);
                }
            }
        }
    }

    private async Task PlayAsync(KubeObject deployment)
    {
        var status = deployment.Json["status"];
        if ((long?)status?["observedGeneration"] != deployment.Generation)
        {
            await ReportAsync(deployment, available: 0);
        }
        else if ((int?)status["availableReplicas"] is null or 0)
        {
            await ReportAsync(deployment, available: 1);
        }
    }

    private Task ReportAsync(KubeObject deployment, int available) => _cluster.Client.Resource(BuiltIn.Deployment).MergePatchAsync(
        deployment.Namespace,
        deployment.Name,
        new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["observedGeneration"] = deployment.Generation,
                ["replicas"] = 1,
                ["updatedReplicas"] = 1,
                ["availableReplicas"] = available == 0 ? null : available,
                ["readyReplicas"] = available == 0 ? null : available,
                ["unavailableReplicas"] = available == 0 ? 1 : null,
            },
        },
        "status",
        new WriteOptions { Manager = new FieldManager("bench-deployments") },
        _stop.Token);
}
