using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Features.Releases.Policies;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Releases;

/// <summary>Finds objects that were changed past the portal since it published them, and lets somebody take the change for published.</summary>
public sealed class Drifts(PortalDatabase database, KubeClient client, EnvironmentDirectory environments, AuditLog audit, TimeProvider clock)
{
    /// <summary>Null when the object is as it was published, was never published from here, or belongs to somebody whose changes are none of ours.</summary>
    public async Task<Drift?> FindAsync(KubeObject live, CancellationToken cancellationToken)
    {
        if (ObjectOwner.Of(live).IsExclusive)
        {
            return null;
        }

        var content = ReleaseKinds.ContentOf(live);
        var (@namespace, name) = (live.Namespace ?? "", live.Name);
        return await database.ReadAsync(async context =>
        {
            var all = context.Publications.Where(item => item.Kind == live.Kind && item.Namespace == @namespace && item.Name == name);
            var last = await all.Where(item => item.State == PublicationState.Published).OrderByDescending(item => item.RequestedAt).FirstOrDefaultAsync(cancellationToken);

            // One that is on its way may have arrived.
            return last is null || last.Content == content || await all.AnyAsync(item => item.State == PublicationState.Pending, cancellationToken)
                ? null
                : new Drift(live.Kind, @namespace, name, last.Content, last.Revision, content, FieldsEntry.OtherWriterOf(live));
        });
    }

    /// <summary>What adopting takes there: where publishing needs approval, the right to approve.</summary>
    public Permission AdoptPermission(string @namespace) => environments.PolicyOf([@namespace]).Approvals > 0 ? Permission.ApproveRelease : Permission.PublishDirectly;

    /// <summary>Takes what is live for published. False when it is not what <paramref name="drift"/> saw any more, so that nobody adopts what they did not see.</summary>
    /// <exception cref="AccessDeniedException">They may not.</exception>
    public async Task<bool> AdoptAsync(Drift drift, CurrentUser user, CancellationToken cancellationToken)
    {
        user.Demand(AdoptPermission(drift.Namespace), drift.Namespace);
        var live = await client.Resource(ReleaseKinds.Find(drift.Kind)!).FindAsync(drift.Namespace, drift.Name, cancellationToken);
        if (live is null || ReleaseKinds.ContentOf(live) != drift.Live)
        {
            return false;
        }

        var hash = ReleaseKinds.HashOf(drift.Live);
        await database.WriteAsync(
            async context =>
            {
                var now = clock.GetUtcNow();
                var revision = await context.Revisions
                    .Where(item => item.Kind == drift.Kind && item.Namespace == drift.Namespace && item.Name == drift.Name && item.Hash == hash)
                    .MaxAsync(item => (int?)item.Number, CancellationToken.None);
                context.Publications.Add(new Publication
                {
                    Id = Guid.CreateVersion7(now).ToString("N"),
                    Kind = drift.Kind,
                    Namespace = drift.Namespace,
                    Name = drift.Name,
                    Content = drift.Live,
                    State = PublicationState.Published,
                    RequestedAt = now.UtcDateTime,
                    FinishedAt = now.UtcDateTime,
                    Message = $"Adopted by {user.Actor.Name}",
                    Revision = revision,
                    LiveHash = hash,
                    Uid = live.Uid,
                    Generation = live.Generation,
                    ResourceVersion = live.ResourceVersion,
                });
                audit.Append(context, new AuditEntry(user.Actor, "drift.adopted", drift.Kind, drift.Namespace, drift.Name, AuditResult.Succeeded,
                    new JsonObject { ["content"] = drift.Published }, new JsonObject { ["content"] = drift.Live },
                    drift.Writer is { } writer ? $"Written by {writer.Manager} at {writer.Time:u}." : null, live.Uid, user.Address));
            },
            CancellationToken.None);
        return true;
    }
}
