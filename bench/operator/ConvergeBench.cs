using System.Diagnostics;

namespace Portal.Operator.Bench;

/// <summary>Flows from cold to all Deployments, the edit of a Prompt they share, what both cost, and what a cluster at rest costs.</summary>
internal static class ConvergeBench
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(Cluster cluster, BenchSettings settings, ApiServer.Bench.Report report)
    {
        var (world, count) = (new World(cluster), settings.Flows);
        await world.PrepareAsync(0, count);
        await using var watcher = new Watcher(cluster);

        // Without election, whose renewals would count as requests.
        await using var process = OperatorProcess.Start(settings.Portal, cluster.Kubeconfig, elects: false);
        await process.ReadyAsync();
        var before = await process.AtRestAsync();

        var (operatorStart, serverStart) = (process.ProcessorSeconds, cluster.ServerProcessorSeconds);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(world.CreateFlowsAsync(0, count), watcher.UntilAsync(state => state.Deployments.Count >= count));
        report.Add($"{count} Flows from cold to all Deployments", clock.Elapsed.TotalSeconds, Provenance.Cold / 3, "s", atMost: true, "from before the first Flow is sent to the last Deployment seen");
        await watcher.UntilAsync(state => state.ReadyFlows == count);
        report.Add(
            $"{count} Flows from cold to all Ready", clock.Elapsed.TotalSeconds, "s",
            $"two steps of each Deployment's status between; processor seconds: operator {process.ProcessorSeconds - operatorStart:0.0}, API server {cluster.ServerProcessorSeconds - serverStart:0.0}");
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        var after = await process.RequestsAsync();
        report.Add(
            "API requests per converged Flow", (after.Values.Sum() - before.Values.Sum()) / count, 7, "", atMost: true,
            "without watches; " + string.Join(", ", after.Select(entry => $"{entry.Key} {(entry.Value - before.GetValueOrDefault(entry.Key)) / count:0.00}")));

        await EditAsync(cluster, world, watcher, process, count, report);

        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        var rest = (await process.RequestsAsync()).Values.Sum();
        await Task.Delay(s_rest, TimeProvider.System);
        report.Add("API requests at rest", (await process.RequestsAsync()).Values.Sum() - rest, 0, "", atMost: true, $"{s_rest.TotalSeconds:0} s, without watches and election");
        report.Add($"{count} Flows: memory of the operator", process.PeakMegabytes, 150, "MB", atMost: true, $"the most there was; at the end {process.ResidentMegabytes:0} MB");
        if (cluster.ServerMegabytes is { } server)
        {
            report.Add($"{count} Flows: memory of the API server", server, "MB");
        }
    }

    private static async Task EditAsync(Cluster cluster, World world, Watcher watcher, OperatorProcess process, int count, ApiServer.Bench.Report report)
    {
        var hashes = watcher.Deployments.ToDictionary(entry => entry.Key, entry => Watcher.HashOf(entry.Value));
        var (operatorStart, serverStart) = (process.ProcessorSeconds, cluster.ServerProcessorSeconds);
        var clock = Stopwatch.StartNew();
        await world.EditPromptAsync("2");
        await watcher.UntilAsync(state => state.Deployments.All(entry => Watcher.HashOf(entry.Value) != hashes[entry.Key]));
        report.Add($"one edit of a shared Prompt to {count} rolled Deployments", clock.Elapsed.TotalSeconds, Provenance.Edit / 3, "s", atMost: true, "from before the edit is sent to the last Deployment seen");
        await watcher.UntilAsync(state => state.ReadyFlows == count);
        report.Add(
            $"one edit of a shared Prompt to {count} Ready Flows", clock.Elapsed.TotalSeconds, "s",
            $"processor seconds: operator {process.ProcessorSeconds - operatorStart:0.0}, API server {cluster.ServerProcessorSeconds - serverStart:0.0}");
    }
}
