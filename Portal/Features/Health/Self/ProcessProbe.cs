using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Portal.Components;
using Portal.Embedded;

namespace Portal.Features.Health.Self;

/// <summary>This process: memory, threads, how long it has been up, and versions.</summary>
internal sealed class ProcessProbe(PortalOptions options, ClusterInfo cluster, TimeProvider clock) : ISelfProbe
{
    public string Group => "This process";

    public Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken)
    {
        using var process = Process.GetCurrentProcess();
        var memory = GC.GetGCMemoryInfo();
        var used = process.WorkingSet64;
        var isFull = memory.TotalAvailableMemoryBytes > 0 && used > memory.TotalAvailableMemoryBytes * 0.9;
        var version = typeof(ProcessProbe).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        IReadOnlyList<SelfItem> items =
        [
            new SelfItem(Group, "Memory", isFull ? Status.Degraded : Status.Ready, $"{Bytes.Text(used)}, of it {Bytes.Text(GC.GetTotalMemory(forceFullCollection: false))} in use by objects; {Bytes.Text(memory.TotalAvailableMemoryBytes)} may be used",
                isFull ? "Give it more memory (resources.limits.memory), or look for what grew." : null),
            new SelfItem(Group, "Threads", ThreadPool.PendingWorkItemCount > 1000 ? Status.Degraded : Status.Ready, $"{ThreadPool.ThreadCount}, {ThreadPool.PendingWorkItemCount} tasks wait",
                ThreadPool.PendingWorkItemCount > 1000 ? "The machine is too busy for what it is asked." : null),
            new SelfItem(Group, "Up for", Status.Ready, Age.Describe(clock.GetUtcNow() - process.StartTime.ToUniversalTime())),
            new SelfItem(Group, "Version", Status.Ready, $"{version}, {RuntimeInformation.FrameworkDescription}"),
            new SelfItem(Group, "Role and cluster", Status.Ready, $"{options.Role.ToString().ToLowerInvariant()}, {cluster.Description}"),
        ];
        return Task.FromResult(items);
    }
}
