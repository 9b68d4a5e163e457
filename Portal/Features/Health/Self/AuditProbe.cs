using Microsoft.EntityFrameworkCore;
using Portal.Components;
using Portal.Data;
using Portal.Features.Audit.Archive;

namespace Portal.Features.Health.Self;

/// <summary>Whether the audit is signed up to its end, and copied away.</summary>
internal sealed class AuditProbe(PortalDatabase database, AuditExporter exporter, PortalOptions options, TimeProvider clock) : ISelfProbe
{
    private static readonly TimeSpan s_late = TimeSpan.FromHours(2);

    public string Group => "Audit";

    public async Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken)
    {
        var head = await database.ReadAsync(context => context.AuditHeads.OrderByDescending(item => item.Sequence).FirstOrDefaultAsync(cancellationToken));
        var last = await database.ReadAsync(context => context.Audit.OrderByDescending(row => row.Sequence).Select(row => (long?)row.Sequence).FirstOrDefaultAsync(cancellationToken)) ?? 0;
        List<SelfItem> items =
        [
            new SelfItem(Group, "Signed head", last == 0 || head is not null ? Status.Ready : Status.Progressing, head is null ? $"{last} rows, none signed yet" : $"row {head.Sequence:N0} of {last:N0}"),
        ];
        if (exporter.LastEverywhere is not { } exported)
        {
            items.Add(new SelfItem(Group, "Copies", Status.Paused, "none are made", "Name a place for copies (Portal:Audit:Export), so that the log outlives this disk."));
            return items;
        }

        var age = exporter.LastTime is { } time ? clock.GetUtcNow() - time : (TimeSpan?)null;
        var allowed = s_late + TimeSpan.FromMinutes(options.Audit.Export.IntervalMinutes);
        var isLate = exported < (head?.Sequence ?? 0) && (age is null || age > allowed);
        items.Add(new SelfItem(Group, "Copies", isLate ? Status.Degraded : Status.Ready, $"up to row {exported:N0}, last {(age is { } past ? $"{Age.Describe(past)} ago" : "never")}",
            isLate ? "An archive does not take the copies: the portal's log says which and why." : null));
        return items;
    }
}
