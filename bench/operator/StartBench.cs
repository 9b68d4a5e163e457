using System.Diagnostics;

namespace Portal.Operator.Bench;

/// <summary>An operator that starts on a cluster with work to do, and again on one without.</summary>
internal static class StartBench
{
    public static async Task RunAsync(Cluster cluster, BenchSettings settings, ApiServer.Bench.Report report)
    {
        var (world, count) = (new World(cluster), settings.Flows);
        await world.PrepareAsync(0, count);
        await world.CreateFlowsAsync(0, count);
        await using var watcher = new Watcher(cluster);
        await watcher.UntilAsync(state => state.Flows.Count == count);

        var clock = Stopwatch.StartNew();
        await using (var first = OperatorProcess.Start(settings.Portal, cluster.Kubeconfig, elects: false))
        {
            await watcher.UntilAsync(state => state.Deployments.Count >= count);
            report.Add($"start of the process to all {count} Deployments", clock.Elapsed.TotalSeconds, "s", "the Flows were there before the operator; the runtime's start included");
            await watcher.UntilAsync(state => state.ReadyFlows == count);
        }

        await using var second = OperatorProcess.Start(settings.Portal, cluster.Kubeconfig, elects: false);
        await second.ReadyAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
        var requests = await second.RequestsAsync();
        report.Add("restart: writes to a cluster that is as it should be", requests.GetValueOrDefault("PATCH") - DefinitionsApplied, 0, "", atMost: true, $"beside {DefinitionsApplied} for the definitions");
    }

    /// <summary>One for each kind.</summary>
    private static int DefinitionsApplied => Manifests.CrdManifests.All.Count;
}
