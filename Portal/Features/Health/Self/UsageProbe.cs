using Microsoft.EntityFrameworkCore;
using Portal.Components;
using Portal.Data;
using Portal.Features.Usage;

namespace Portal.Features.Health.Self;

/// <summary>How far behind calls are told of: runners that cannot reach the portal keep them on disk and send them later.</summary>
internal sealed class UsageProbe(PortalDatabase database, TimeProvider clock) : ISelfProbe
{
    private const int Looked = 200;
    private static readonly TimeSpan s_late = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_recent = TimeSpan.FromMinutes(15);

    public string Group => "Usage";

    public async Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken)
    {
        // By the time they began, which is indexed; what was spooled for hours is told of by its lag when it is the newest there is.
        var rows = await database.ReadAsync(context => context.Usage.Where(row => row.Source == UsageLog.FromFlow).OrderByDescending(row => row.StartedAt).Take(Looked)
            .Select(row => new { row.StartedAt, row.ReceivedAt, row.DurationMicroseconds }).ToListAsync(cancellationToken));
        if (rows.Count == 0)
        {
            return [new SelfItem(Group, "Ingest", Status.Ready, "no call of a flow was told of yet")];
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var last = rows.Max(row => row.ReceivedAt);
        var recent = rows.Where(row => now - row.ReceivedAt < s_recent).Select(row => row.ReceivedAt - row.StartedAt - TimeSpan.FromMicroseconds(row.DurationMicroseconds)).ToList();
        var lag = recent.Count == 0 ? TimeSpan.Zero : recent.Max() < TimeSpan.Zero ? TimeSpan.Zero : recent.Max();
        return
        [
            new SelfItem(Group, "Ingest", Status.Ready, $"last record {Age.Describe(now - last)} ago"),
            new SelfItem(Group, "Runners' lag", lag > s_late ? Status.Degraded : Status.Ready,
                recent.Count == 0 ? "nothing came in the last 15 minutes" : $"at most {Age.Describe(lag)} after the end of a call",
                lag > s_late ? "Runners could not reach the portal and kept records on disk: nothing is lost, figures come late. Look at the runners' logs for the usage address." : null),
        ];
    }
}
