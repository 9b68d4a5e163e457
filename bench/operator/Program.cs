using Portal.ApiServer.Bench;
using Portal.Operator.Bench;

// usage: Portal.Operator.Bench <Portal.dll> [--kubeconfig FILE] [--flows N] [--many N] [cold|start|many|kill|memory ...]
//        Portal.Operator.Bench serve <data directory>        an empty API server until standard input ends
//        Portal.Operator.Bench mirror <kubeconfig>           what the operator's informers keep of a cluster
switch (args)
{
    case ["serve", var directory]:
        await ServerProcess.ServeAsync(directory);
        return;
    case ["mirror", var file]:
        await MirrorBench.MeasureAsync(file);
        return;
}

var settings = BenchSettings.Parse(args);
var report = new Report();
(string Name, Func<Cluster, Task> Run)[] parts =
[
    ("cold", cluster => ConvergeBench.RunAsync(cluster, settings, report)),
    ("start", cluster => StartBench.RunAsync(cluster, settings, report)),
    ("kill", cluster => KillBench.RunAsync(cluster, settings, report)),
    ("many", cluster => ManyBench.RunAsync(cluster, settings, report)),
];
foreach (var (name, run) in parts.Where(part => settings.Parts.Count == 0 || settings.Parts.Contains(part.Name)))
{
    await Console.Error.WriteLineAsync($"measuring: {name}");
    await using var cluster = await Cluster.OpenAsync(settings);
    await run(cluster);
}

report.Print("Operator: measured", Machine.Describe() + Environment.NewLine + Environment.NewLine + Provenance.Text);
