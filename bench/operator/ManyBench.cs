using System.Diagnostics;
using System.Globalization;

namespace Portal.Operator.Bench;

/// <summary>Many Flows in one namespace, made as fast as the server takes them: whether the operator keeps up, and what it holds in memory.</summary>
internal static class ManyBench
{
    private const int Steps = 5;

    public static async Task RunAsync(Cluster cluster, BenchSettings settings, ApiServer.Bench.Report report)
    {
        var (world, count) = (new World(cluster), settings.Many);
        await world.PrepareAsync(0, count);
        await using var watcher = new Watcher(cluster);
        await using (var process = OperatorProcess.Start(settings.Portal, cluster.Kubeconfig, elects: false))
        {
            await process.ReadyAsync();
            var before = await process.AtRestAsync();
            var rates = new List<double>();
            var clock = Stopwatch.StartNew();
            for (var step = 0; step < Steps; step++)
            {
                var stepClock = Stopwatch.StartNew();
                await world.CreateFlowsAsync(count / Steps * step, count / Steps);
                await watcher.UntilAsync(state => state.Deployments.Count >= count / Steps * (step + 1));
                rates.Add(count / Steps / stepClock.Elapsed.TotalSeconds);
            }

            await watcher.UntilAsync(state => state.ReadyFlows == count);
            var text = string.Join(", ", rates.Select(rate => rate.ToString("0", CultureInfo.InvariantCulture)));
            report.Add($"{count} Flows in one namespace: all Ready", clock.Elapsed.TotalSeconds, "s", $"Flows a second in each fifth: {text}");
            report.Add($"{count} Flows: rate of the last fifth", rates[^1] / rates[0], 0.5, "of the first", atMost: false, "a backlog that grows would show here");
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
            report.Add($"{count} Flows: keys left in the queues", await process.QueuedAsync(), 0, "", atMost: true);
            var after = await process.RequestsAsync();
            report.Add(
                $"{count} Flows: API requests per converged Flow", (after.Values.Sum() - before.Values.Sum()) / count, 7, "", atMost: true,
                string.Join(", ", after.Select(entry => $"{entry.Key} {(entry.Value - before.GetValueOrDefault(entry.Key)) / count:0.00}")));
            report.Add($"{count} Flows: memory of the operator", process.PeakMegabytes, "MB", $"the most there was; at the end {process.ResidentMegabytes:0} MB");
            if (cluster.ServerMegabytes is { } server)
            {
                report.Add($"{count} Flows: memory of the API server", server, "MB");
            }
        }

        var (objects, bytes) = await MirrorBench.RunAsync(cluster.Kubeconfig);
        report.Add("informer memory per object", bytes / objects, 5_000, "bytes", atMost: true, $"managed heap with all of the operator's informers filled and every spec read, minus without; {objects:#,0} objects");
    }
}
