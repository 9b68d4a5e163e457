using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Kubernetes.Bench;

/// <summary>
/// What a controller author waits for: an informer that mirrors all objects, and a controller that takes each key once through a reconciler that
/// does nothing. The server is another process, reached over TLS.
/// </summary>
internal static class RuntimeBench
{
    private const string Namespace = "default";
    private const int Workers = 4;

    public static async Task FillAsync(string kubeconfig, int objects)
    {
        var maps = Connect(kubeconfig).Resource(BuiltIn.ConfigMap);
        await Parallel.ForEachAsync(Enumerable.Range(0, objects), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellationToken) =>
            await maps.CreateAsync(ConfigMap(i), null, cancellationToken));
    }

    /// <summary>Prints one line of JSON a run: milliseconds until the informer had all, and until the controller had reconciled all of them.</summary>
    public static async Task MeasureAsync(string kubeconfig, int objects, int runs)
    {
        for (var run = 0; run < runs; run++)
        {
            var client = Connect(kubeconfig);
            using var stop = new CancellationTokenSource();
            var informer = new Informer<KubeObject>(client.Resource(BuiltIn.ConfigMap), Namespace, TimeProvider.System, NullLogger.Instance);
            var start = Stopwatch.GetTimestamp();
            var informing = informer.RunAsync(stop.Token);
            await informer.WaitForSyncAsync(stop.Token);
            var sync = Stopwatch.GetElapsedTime(start);

            var reconciler = new CountingReconciler(objects);
            var controller = new Controller("bench", reconciler, Workers, TimeProvider.System, NullLogger.Instance).For(informer);
            start = Stopwatch.GetTimestamp();
            var controlling = controller.RunAsync(stop.Token);
            await reconciler.All;
            var reconcile = Stopwatch.GetElapsedTime(start);

            await stop.CancelAsync();
            await Task.WhenAll(informing, controlling);
            client.Connection.Handler.Dispose();
            Console.WriteLine(new JsonObject
            {
                ["objects"] = informer.Store.Count,
                ["syncMilliseconds"] = Math.Round(sync.TotalMilliseconds, 1),
                ["reconcileMilliseconds"] = Math.Round(reconcile.TotalMilliseconds, 1),
            }.ToJsonString());
        }
    }

    private static KubeClient Connect(string kubeconfig) => new(KubeConnectionFactory.FromKubeConfig(kubeconfig, context: null, TimeProvider.System));

    private static KubeObject ConfigMap(int i) => new(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = "bench-" + i.ToString("d5", CultureInfo.InvariantCulture),
            ["namespace"] = Namespace,
            ["labels"] = new JsonObject { ["app"] = "bench" },
        },
        ["data"] = new JsonObject { ["text"] = new string('x', 200) },
    });

    /// <summary>Does nothing but count the different keys.</summary>
    private sealed class CountingReconciler(int expected) : IReconciler
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = expected;

        public Task All => _all.Task;

        public Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
        {
            if (key.Name.StartsWith("bench-", StringComparison.Ordinal) && Interlocked.Decrement(ref _left) == 0)
            {
                _all.SetResult();
            }

            return Task.FromResult(ReconcileResult.Done);
        }
    }
}
