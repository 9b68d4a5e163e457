using Portal.Components;
using Portal.Data;
using Portal.Embedded;

namespace Portal.Features.Health.Self;

/// <summary>How large the databases are, whether they answer, and how much room is left.</summary>
internal sealed class DatabaseProbe(PortalDatabase database, DataDirectory data, TimeProvider clock) : ISelfProbe
{
    private const long Little = 1L << 30;
    private const long TooLittle = 200L << 20;
    private static readonly TimeSpan s_slow = TimeSpan.FromMilliseconds(500);

    public string Group => "Database";

    public async Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var size = await database.SizeAsync(cancellationToken);
        var took = clock.GetElapsedTime(start);
        List<SelfItem> items =
        [
            new SelfItem(Group, "Portal database", took > s_slow ? Status.Degraded : Status.Ready, $"{Bytes.Text(size)}, answered in {took.TotalMilliseconds:0} ms",
                took > s_slow ? "It is slow to answer: is its disk or server busy?" : null),
        ];
        if (File.Exists(data.ClusterDatabase))
        {
            // With the log beside it, where most of a young one is.
            var files = new DirectoryInfo(data.Root).EnumerateFiles(Path.GetFileName(data.ClusterDatabase) + "*");
            items.Add(new SelfItem(Group, "Cluster database", Status.Ready, Bytes.Text(files.Sum(static file => file.Length))));
        }

        var free = new DriveInfo(data.Root).AvailableFreeSpace;
        items.Add(new SelfItem(Group, "Free disk", free < TooLittle ? Status.Failed : free < Little ? Status.Degraded : Status.Ready, Bytes.Text(free),
            free < Little ? "Make room on the disk of Portal:DataDirectory: without it nothing more can be written." : null));
        return items;
    }
}
