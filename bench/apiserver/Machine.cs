using System.Diagnostics;
using System.Globalization;

namespace Portal.ApiServer.Bench;

/// <summary>What the numbers were taken on.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var cpu = Field("/proc/cpuinfo", "model name") ?? "unknown processor";
        var memory = Field("/proc/meminfo", "MemTotal") is { } total && long.TryParse(total.Split(' ')[0], out var kilobytes) ? $"{kilobytes / 1_048_576} GB" : "unknown memory";
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";
        return $"{Environment.ProcessorCount} cores ({cpu}), {memory}, database on {Disk()}, .NET {Environment.Version}, "
            + $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}; load average at the end {load}.";
    }

    /// <summary>Syncs a second of 4 kB appends to a file: what a durable write costs on this disk at least.</summary>
    public static double SyncsPerSecond(DirectoryInfo directory)
    {
        var path = Path.Combine(directory.FullName, "sync.probe");
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        var count = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(2))
        {
            file.Write(block);
            file.Flush(flushToDisk: true);
            count++;
        }

        return count / clock.Elapsed.TotalSeconds;
    }

    public static double ResidentMegabytes(int processId) =>
        double.Parse(Field($"/proc/{processId}/status", "VmRSS")!.Split(' ')[0], CultureInfo.InvariantCulture) / 1024;

    private static string? Field(string file, string name) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;

    /// <summary>File system and kind of the disk under the working directory.</summary>
    private static string Disk()
    {
        var drive = DriveInfo.GetDrives().Where(drive => Environment.CurrentDirectory.StartsWith(drive.Name, StringComparison.Ordinal)).MaxBy(drive => drive.Name.Length);
        return $"{drive?.DriveFormat ?? "an unknown file system"} ({(Directory.Exists("/sys/block/vda") ? "virtual disk" : "disk")})";
    }
}
