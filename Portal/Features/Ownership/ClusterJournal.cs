using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Ownership;

/// <summary>One change of an object, as an informer told it; both null is never.</summary>
/// <param name="Before">Null when it was not known.</param>
/// <param name="After">Null when it is gone.</param>
internal sealed record SeenChange(KubeObject? Before, KubeObject? After);

/// <summary>
/// Writes what happens to objects of the cluster into the audit log, each state once, also across restarts. Who wrote it is what managedFields say: the
/// program and the time; the cluster does not tell the person.
/// </summary>
internal sealed class ClusterJournal(PortalDatabase database, AuditLog audit)
{
    private const string ReleaseAnnotation = "genkit.dev/release";

    /// <summary>Records changes in their order, as one transaction.</summary>
    public Task RecordAsync(IReadOnlyList<SeenChange> changes, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            foreach (var change in changes)
            {
                await (change.After is { } after ? WrittenAsync(context, change.Before, after) : DeletedAsync(context, change.Before!));
                await context.SaveChangesAsync(CancellationToken.None);
            }
        },
        cancellationToken);

    /// <summary>
    /// Brings the journal up to what exists now. The first time a kind is looked at, what exists is where the journal begins and no news; later it is
    /// what happened while the portal was away.
    /// </summary>
    public Task CatchUpAsync(string kind, IReadOnlyCollection<KubeObject> existing, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var known = await context.ObservedObjects.Where(item => item.Kind == kind).ToListAsync(cancellationToken);
            var isFirst = known.RemoveAll(item => item.Name.Length == 0) == 0;
            if (isFirst)
            {
                context.ObservedObjects.Add(new ObservedObject { Kind = kind, Namespace = "", Name = "", Uid = "", Hash = "" });
                context.ObservedObjects.AddRange(existing.Select(RowOf));
                return;
            }

            foreach (var item in existing)
            {
                await WrittenAsync(context, before: null, item);
            }

            var names = existing.Select(item => (item.Namespace ?? "", item.Name)).ToHashSet();
            foreach (var gone in known.Where(item => !names.Contains((item.Namespace, item.Name))))
            {
                context.ObservedObjects.Remove(gone);
                audit.Append(context, EntryOf(Unknown, "object.deleted", gone.Kind, gone.Namespace, gone.Name, "It was deleted while the portal was not running."));
            }
        },
        cancellationToken);

    private async Task WrittenAsync(PortalDbContext context, KubeObject? before, KubeObject after)
    {
        var known = await context.ObservedObjects.FindAsync(after.Kind, after.Namespace ?? "", after.Name);
        var row = RowOf(after);
        if (known is not null && (known.Uid, known.Hash) == (row.Uid, row.Hash))
        {
            return;
        }

        var writer = FieldsEntry.WriterOf(before, after);
        var manager = writer?.Manager ?? "unknown";
        var isNew = known is null || known.Uid != row.Uid;
        audit.Append(context, new AuditEntry(
            new Actor($"cluster:{manager}", manager, ActorKind.System), isNew ? "object.created" : "object.changed", after.Kind, after.Namespace, after.Name, AuditResult.Succeeded,
            isNew ? null : before?.Json, isNew || before is not null ? after.Json : null, ReasonOf(writer, after, isKnown: isNew || before is not null),
            after.Annotations.TryGetValue(ReleaseAnnotation, out var release) ? $"release-{release}" : after.Uid)
        { Source = SourceOf(manager) });
        if (known is null)
        {
            context.ObservedObjects.Add(row);
        }
        else
        {
            (known.Uid, known.Hash) = (row.Uid, row.Hash);
        }
    }

    private async Task DeletedAsync(PortalDbContext context, KubeObject before)
    {
        var (@namespace, name) = (before.Namespace ?? "", before.Name);
        if (await context.ObservedObjects.FindAsync(before.Kind, @namespace, name) is not { } known || known.Uid != before.Uid)
        {
            return;
        }

        context.ObservedObjects.Remove(known);

        // What somebody deleted in the portal has a row that names them.
        var last = await context.Audit.Where(row => row.Namespace == before.Namespace && row.Kind == before.Kind && row.Name == name && row.Result == nameof(AuditResult.Succeeded))
            .OrderByDescending(row => row.Sequence).FirstOrDefaultAsync();
        if (last?.Action.EndsWith(".deleted", StringComparison.Ordinal) != true || last.Action == "object.deleted")
        {
            audit.Append(context, new AuditEntry(Unknown, "object.deleted", before.Kind, before.Namespace, name, AuditResult.Succeeded, before.Json, null,
                "The cluster does not say by whom.", before.Uid)
            { Source = AuditSource.Kubectl });
        }
    }

    private static Actor Unknown { get; } = new("cluster:unknown", "Unknown", ActorKind.System);

    private static AuditEntry EntryOf(Actor actor, string action, string kind, string @namespace, string name, string reason) =>
        new(actor, action, kind, @namespace.Length == 0 ? null : @namespace, name, AuditResult.Succeeded, Reason: reason) { Source = AuditSource.Kubectl };

    private static ObservedObject RowOf(KubeObject item) =>
        new() { Kind = item.Kind, Namespace = item.Namespace ?? "", Name = item.Name, Uid = item.Uid, Hash = ObservedState.HashOf(item) };

    private static string ReasonOf(FieldsEntry? writer, KubeObject after, bool isKnown)
    {
        var time = (writer?.Time ?? after.CreationTimestamp)?.UtcDateTime.ToString("u", System.Globalization.CultureInfo.InvariantCulture) ?? "an unknown time";
        var words = $"{(writer is null ? "Written" : $"{writer.Manager} ({writer.Operation}) wrote it")} at {time}, generation {after.Generation}.";
        return isKnown ? words : $"{words} That was while the portal was not running, so the fields before are not known.";
    }

    private static AuditSource SourceOf(string manager) => ObjectOwner.KindOf(manager) switch
    {
        OwnerKind.Portal => AuditSource.Portal,
        OwnerKind.Controller => AuditSource.System,
        OwnerKind.ArgoCd or OwnerKind.Flux or OwnerKind.Helm => AuditSource.Gitops,
        _ => AuditSource.Kubectl,
    };
}
