using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Ownership;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Releases;

/// <summary>Finds objects that were changed past the portal since it published them, and lets people ask that the change be taken for published.</summary>
public sealed class Drifts(PortalDatabase database, ReleaseDesk desk)
{
    /// <summary>Null when the object is as it was published, was never published from here, or belongs to somebody whose changes are none of ours.</summary>
    public async Task<Drift?> FindAsync(KubeObject live, CancellationToken cancellationToken)
    {
        if (ObjectOwner.Of(live).IsExclusive)
        {
            return null;
        }

        var (@namespace, name, hash) = (live.Namespace ?? "", live.Name, ReleaseKinds.HashOf(ReleaseKinds.ContentOf(live)));
        return await database.ReadAsync(async context =>
        {
            var all = context.Publications.Where(item => item.Kind == live.Kind && item.Namespace == @namespace && item.Name == name);
            var last = await all.Where(item => item.State == PublicationState.Published).OrderByDescending(item => item.RequestedAt).FirstOrDefaultAsync(cancellationToken);

            var content = last is null ? "" : LiveContent.Beside(live, last.Content);

            // One that is on its way may have arrived.
            if (last is null or { Deletes: true } || last.Content == content || IsUntouched(last, live) || await all.AnyAsync(item => item.State == PublicationState.Pending, cancellationToken))
            {
                return null;
            }

            var adopted = ReleaseKinds.HashOf(content);
            var asked = await context.ReleaseItems
                .Where(item => item.Kind == live.Kind && item.Namespace == @namespace && item.Name == name && item.Hash == adopted && item.LiveHash == hash)
                .Join(context.Releases, item => item.ReleaseId, release => release.Id, (item, release) => release)
                .Where(release => release.Status == ReleaseStatus.Open || release.Status == ReleaseStatus.ChangesRequested || release.Status == ReleaseStatus.Approved)
                .MaxAsync(release => (long?)release.Id, cancellationToken);
            return new Drift(live.Kind, @namespace, name, last.Content, last.Revision, content, hash, FieldsEntry.OtherWriterOf(live), asked);
        });
    }

    /// <summary>
    /// Asks that what is live be taken for published: a release of the same text, which keeps the policy of the namespace like any other. Refused when it is not
    /// what <paramref name="drift"/> saw any more, so that nobody adopts what they did not see.
    /// </summary>
    /// <exception cref="AccessDeniedException">They may not ask for a release there.</exception>
    public Task<ReleaseResult> AdoptAsync(Drift drift, CurrentUser user, CancellationToken cancellationToken) => desk.SubmitAsync(
        new ReleaseSubmission
        {
            Namespace = drift.Namespace,
            // The writer keeps what they wrote, and the portal says the same beside them.
            Objects = [new ReleaseObject(drift.Kind, drift.Name, drift.Live) { SeenHash = drift.LiveHash }],
            Message = drift.Writer is { } writer ? $"Adopt what {writer.Manager} wrote{(writer.Time is { } time ? $" at {time:u}" : "")}" : "Adopt what is live",
        },
        user, cancellationToken);

    /// <summary>Whether nobody has written its spec since: it may still not be what was asked for, where others own a part of it.</summary>
    private static bool IsUntouched(Publication last, KubeObject live) => last.Uid == live.Uid && last.Generation is { } generation && generation == live.Generation;
}
