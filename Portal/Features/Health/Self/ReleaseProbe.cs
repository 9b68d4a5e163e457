using Microsoft.EntityFrameworkCore;
using Portal.Components;
using Portal.Data;

namespace Portal.Features.Health.Self;

/// <summary>What is promised to the cluster and has not arrived.</summary>
internal sealed class ReleaseProbe(PortalDatabase database, TimeProvider clock) : ISelfProbe
{
    private static readonly TimeSpan s_late = TimeSpan.FromMinutes(1);

    public string Group => "Publishing";

    public async Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken)
    {
        var pending = await database.ReadAsync(context => context.Publications.Where(item => item.State == PublicationState.Pending)
            .OrderBy(item => item.RequestedAt).Select(item => item.RequestedAt).ToListAsync(cancellationToken));
        if (pending.Count == 0)
        {
            return [new SelfItem(Group, "Outbox", Status.Ready, "empty")];
        }

        var age = clock.GetUtcNow().UtcDateTime - pending[0];
        return [new SelfItem(Group, "Outbox", age > s_late ? Status.Degraded : Status.Progressing, $"{pending.Count} pending, the oldest for {Age.Describe(age)}",
            age > s_late ? "The cluster does not take them: is it reachable? They are tried again by themselves." : null)];
    }
}
