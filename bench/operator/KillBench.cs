using System.Diagnostics;
using Portal.Kubernetes.Objects;

namespace Portal.Operator.Bench;

/// <summary>Kills the leader in the middle of a roll-out: whether the stand-by finishes it, in time and with nothing lost or made twice.</summary>
internal static class KillBench
{
    private static readonly ResourceDefinition[] s_children = [BuiltIn.Deployment, BuiltIn.Service, BuiltIn.ConfigMap];

    public static async Task RunAsync(Cluster cluster, BenchSettings settings, ApiServer.Bench.Report report)
    {
        var (world, count) = (new World(cluster), settings.Flows);
        await world.PrepareAsync(0, count);
        await using var watcher = new Watcher(cluster);
        await using var leader = OperatorProcess.Start(settings.Portal, cluster.Kubeconfig, elects: true);
        await leader.ReadyAsync();
        while (!await leader.LeadsAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await using var standBy = OperatorProcess.Start(settings.Portal, cluster.Kubeconfig, elects: true);
        await standBy.ReadyAsync();
        var creating = world.CreateFlowsAsync(0, count);
        await watcher.UntilAsync(state => state.Deployments.Count >= count / 3);
        await leader.KillAsync();
        var clock = Stopwatch.StartNew();
        var done = watcher.Deployments.Count;
        await creating;

        // An update while nobody leads.
        await world.EditPromptAsync("3");
        await watcher.UntilAsync(state => state.Deployments.Count == count && state.ReadyFlows == count);
        report.Add($"leader killed at {done} of {count} Flows: the stand-by has all Ready", clock.Elapsed.TotalSeconds, 20, "s", atMost: true, "kill -9, shipped defaults (a lease of 10 s); a Prompt edited in between");
        await CheckAsync(cluster, count, report);
    }

    private static async Task CheckAsync(Cluster cluster, int count, ApiServer.Bench.Report report)
    {
        var children = new List<KubeObject>();
        foreach (var kind in s_children)
        {
            await foreach (var child in cluster.Client.Resource(kind).ListAllAsync(cluster.Namespace, null, CancellationToken.None))
            {
                children.Add(child);
            }
        }

        var owned = children.Where(child => child.ControllerOwner is not null).ToList();
        var stale = owned.Count(child => child.Name.EndsWith("-prompts", StringComparison.Ordinal) && !child.Json["data"]!.ToJsonString().Contains("version 3", StringComparison.Ordinal));
        report.Add("leader killed: children beyond five a Flow, or missing", Math.Abs(owned.Count - (count * 5)), 0, "", atMost: true);
        report.Add("leader killed: files without the last edit", stale, 0, "", atMost: true);
        report.Add("leader killed: Deployments written more than twice", owned.Count(child => child.Kind == BuiltIn.Deployment.Kind && child.Generation > 2), 0, "", atMost: true);
    }
}
