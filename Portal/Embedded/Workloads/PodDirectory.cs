namespace Portal.Embedded.Workloads;

/// <summary>
/// <c>flows/&lt;namespace&gt;/&lt;pod&gt;</c>: <c>fs/</c> is the container's file tree, <c>pid.json</c> its process, <c>log.txt</c> its output. Goes with the pod.
/// </summary>
internal sealed record PodDirectory(string Path)
{
    public string FileSystem => System.IO.Path.Combine(Path, "fs");
    public string PidFile => System.IO.Path.Combine(Path, "pid.json");
    public string LogFile => System.IO.Path.Combine(Path, "log.txt");

    public static PodDirectory Of(string flows, string @namespace, string pod) => new(System.IO.Path.Combine(flows, @namespace, pod));

    public void Create() => DataDirectory.CreatePrivate(Path);

    public void Remove()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    /// <summary>Ends processes of an earlier portal that are still there, and removes everything it left. Returns how many it ended.</summary>
    public static int Sweep(string flows)
    {
        if (!Directory.Exists(flows))
        {
            return 0;
        }

        var ended = Directory.EnumerateFiles(flows, "pid.json", SearchOption.AllDirectories)
            .Count(file => Workloads.PidFile.Read(file)?.KillIfOurs() == true);
        Directory.Delete(flows, recursive: true);
        return ended;
    }
}
