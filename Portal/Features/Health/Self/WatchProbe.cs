using Portal.Components;
using Portal.Kubernetes.Runtime;

namespace Portal.Features.Health.Self;

/// <summary>Whether every kind is kept in view.</summary>
internal sealed class WatchProbe(InformerFactory informers, TimeProvider clock) : ISelfProbe
{
    public string Group => "Watches";

    public Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken)
    {
        var states = informers.States();
        var troubled = states.Where(state => state.LastError is not null || !state.IsSynced).ToList();
        IReadOnlyList<SelfItem> items =
        [
            new SelfItem(Group, "All kinds", troubled.Count == 0 ? Status.Ready : Status.Degraded,
                $"{states.Count - troubled.Count} of {states.Count} kinds in view, {states.Sum(state => state.Objects):N0} objects"),
            .. troubled.Select(Describe),
        ];
        return Task.FromResult(items);
    }

    private SelfItem Describe(WatchState state)
    {
        var since = state.LastContact is { } time ? $", last heard of {Age.Describe(clock.GetUtcNow() - time)} ago" : "";
        return new SelfItem(Group, state.Resource, state.IsSynced ? Status.Degraded : Status.Progressing, $"{state.LastError ?? "not listed yet"}{since}",
            state.LastError is null ? null : "What the pages show of this kind may be old. Is the cluster reachable, and may the portal list and watch it?");
    }
}
