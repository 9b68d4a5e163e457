using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases.States;

namespace Portal.Features.Releases;

public enum ReleaseView
{
    /// <summary>Those that wait for this person's word.</summary>
    ForMe,

    /// <summary>Those this person asked for or wrote a part of.</summary>
    Mine,

    All,
}

/// <summary>A request with what belongs to it.</summary>
public sealed record ReleaseDetail(Release Release, IReadOnlyList<ReleaseItem> Items, IReadOnlyList<ReleaseEvent> Events)
{
    public ReleaseState State { get; } = ReleaseLedger.StateOf(Release);

    public IReadOnlyList<string> Targets { get; } = [.. Items.Select(item => item.Namespace).Distinct()];
}

/// <summary>What a person may see of the requests: those in whose namespaces they may read.</summary>
public sealed class ReleaseList(PortalDatabase database, ReleaseLedger ledger)
{
    public const int Most = 500;

    /// <summary>Raised after a request changed, with its number; on any thread.</summary>
    public event Action<long>? Changed
    {
        add => ledger.Changed += value;
        remove => ledger.Changed -= value;
    }

    /// <summary>Newest first, at most <see cref="Most"/>.</summary>
    public async Task<IReadOnlyList<ReleaseDetail>> ListAsync(ReleaseView view, string? @namespace, CurrentUser user, CancellationToken cancellationToken)
    {
        var open = view == ReleaseView.ForMe;
        var details = await database.ReadAsync(async context =>
        {
            var query = context.Releases.AsQueryable();
            if (open)
            {
                query = query.Where(release => release.Status == ReleaseStatus.Open || release.Status == ReleaseStatus.ChangesRequested);
            }

            if (@namespace is not null)
            {
                query = query.Where(release => context.ReleaseItems.Any(item => item.ReleaseId == release.Id && item.Namespace == @namespace));
            }

            var releases = await query.OrderByDescending(release => release.Id).Take(Most).ToListAsync(cancellationToken);
            var ids = releases.Select(release => release.Id).ToList();
            var items = (await context.ReleaseItems.Where(item => ids.Contains(item.ReleaseId)).ToListAsync(cancellationToken)).ToLookup(item => item.ReleaseId);
            return releases.Select(release => new ReleaseDetail(release, [.. items[release.Id].OrderBy(item => item.Position)], [])).ToList();
        });
        return [.. details.Where(detail => detail.Targets.All(target => user.May(Permission.ReadNamespace, target))).Where(detail => Belongs(view, detail, user))];
    }

    /// <summary>Null when there is none, or none that this person may see.</summary>
    public async Task<ReleaseDetail?> FindAsync(long id, CurrentUser user, CancellationToken cancellationToken)
    {
        var detail = await database.ReadAsync(async context => await context.Releases.FirstOrDefaultAsync(release => release.Id == id, cancellationToken) is { } release
            ? new ReleaseDetail(release, await ReleaseLedger.ItemsOfAsync(context, id, cancellationToken),
                await context.ReleaseEvents.Where(item => item.ReleaseId == id).OrderBy(item => item.Id).ToListAsync(cancellationToken))
            : null);
        return detail is not null && detail.Targets.All(target => user.May(Permission.ReadNamespace, target)) ? detail : null;
    }

    /// <summary>The newest request about an object that still waits.</summary>
    public async Task<ReleaseDetail?> FindOpenAsync(string kind, string @namespace, string name, CurrentUser user, CancellationToken cancellationToken)
    {
        var id = await database.ReadAsync(context => context.ReleaseItems
            .Where(item => item.Kind == kind && item.Namespace == @namespace && item.Name == name)
            .Join(context.Releases, item => item.ReleaseId, release => release.Id, (item, release) => release)
            .Where(release => release.Status == ReleaseStatus.Open || release.Status == ReleaseStatus.ChangesRequested || release.Status == ReleaseStatus.Approved)
            .MaxAsync(release => (long?)release.Id, cancellationToken));
        return id is { } number ? await FindAsync(number, user, cancellationToken) : null;
    }

    /// <summary>What was published of an object, by revision: when, and with which request.</summary>
    public async Task<IReadOnlyDictionary<int, Publication>> PublishedAsync(string kind, string @namespace, string name, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(context => context.Publications
            .Where(item => item.Kind == kind && item.Namespace == @namespace && item.Name == name && item.State == PublicationState.Published && item.Revision != null)
            .OrderBy(item => item.RequestedAt).ToListAsync(cancellationToken));
        return rows.GroupBy(item => item.Revision!.Value).ToDictionary(group => group.Key, group => group.Last());
    }

    /// <summary>What was published last of a request's object; null when nothing was, or it was deleted.</summary>
    public Task<Publication?> LastPublishedAsync(ReleaseItem item, CancellationToken cancellationToken) => database.ReadAsync(async context =>
        await context.Publications.Where(row => row.Kind == item.Kind && row.Namespace == item.Namespace && row.Name == item.Name
                && row.State == PublicationState.Published && row.ReleaseId != item.ReleaseId)
            .OrderByDescending(row => row.RequestedAt).FirstOrDefaultAsync(cancellationToken) is { Deletes: false } last ? last : null);

    private bool Belongs(ReleaseView view, ReleaseDetail detail, CurrentUser user) => view switch
    {
        ReleaseView.Mine => detail.State.Authors.Contains(user.Actor.Id),
        ReleaseView.ForMe => ReleaseMachine.WhyNotApprove(detail.State, ReleaseDesk.ParticipantOf(user, detail.Targets), ledger.PolicyOf(detail.Release, detail.Items)) is null
            && !detail.State.Reviews.Any(review => review.ActorId == user.Actor.Id && review.Hash == detail.State.Hash),
        _ => true,
    };
}
