using Portal.ApiServer.Bench;

// usage: Portal.ApiServer.Bench <data directory> [write|read|watch|apply ...]
if (args is ["serve", var database])
{
    await ServerProcess.ServeAsync(database);
    return;
}

var data = Directory.CreateDirectory(args[0]);
var asked = args[1..];
var report = new Report();
(string Name, Func<Task> Run)[] parts =
[
    ("write", () => WriteBench.RunAsync(data, report)),
    ("read", () => ReadBench.RunAsync(data, report)),
    ("watch", () => WatchBench.RunAsync(data, report)),
    ("apply", () => ApplyBench.RunAsync(data, report)),
];
foreach (var (name, run) in parts.Where(part => asked.Length == 0 || asked.Contains(part.Name)))
{
    await Console.Error.WriteLineAsync($"measuring: {name}");
    await run();
}

report.Print("Embedded API server: measured", Machine.Describe());
data.Delete(recursive: true);
