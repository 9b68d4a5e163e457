using Portal.ApiServer.Auth;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Controllers;

/// <summary>
/// Deletes objects whose owners are gone. An owner deleted in the foreground waits for the dependents that block it; one deleted with orphaning
/// leaves them without the reference. An owner is the object of that uid, wherever the reference says it is.
/// </summary>
internal sealed class GarbageCollector(ServerContext server)
{
    private const string Manager = "garbage-collector";

    private readonly ObjectUpdater _updater = new(server);
    private readonly ObjectDeleter _deleter = new(server);

    /// <summary>Looks at every object.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in server.Log.Resources().ToList())
        {
            foreach (var stored in server.Log.Snapshot(resource).Objects.ToList())
            {
                await HandleCurrentAsync(stored, cancellationToken);
            }
        }
    }

    public async Task HandleAsync(Revision revision, CancellationToken cancellationToken)
    {
        var stored = revision.Object;
        if (revision.Operation != RevisionOperation.Deleted)
        {
            await HandleCurrentAsync(stored, cancellationToken);
            return;
        }

        foreach (var dependent in server.Log.Dependents(stored.Uid))
        {
            await CollectAsync(dependent, stored.Uid, cancellationToken);
        }

        // A blocking dependent is gone: its owners may be free to go.
        foreach (var owner in Owners(stored.Json))
        {
            if (FindOwner(owner, stored.Key.Namespace) is { } waiting)
            {
                await HandleCurrentAsync(waiting, cancellationToken);
            }
        }
    }

    private async Task HandleCurrentAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        if (Owners(stored.Json).Any())
        {
            await CollectAsync(stored.Key, null, cancellationToken);
        }

        if (!Metadata.IsTerminating(stored.Json))
        {
            return;
        }

        var finalizers = Metadata.Finalizers(stored.Json);
        if (finalizers.Contains(Metadata.OrphanFinalizer))
        {
            await OrphanAsync(stored, cancellationToken);
        }
        else if (finalizers.Contains(Metadata.ForegroundFinalizer))
        {
            await DeleteForegroundAsync(stored, cancellationToken);
        }
    }

    /// <summary>Deletes an object none of whose owners exists, or takes away the references to those that do not.</summary>
    private async Task CollectAsync(ObjectKey key, string? deletedUid, CancellationToken cancellationToken)
    {
        if (server.Log.Find(key) is not { } stored || Resource(key) is not { } resource)
        {
            return;
        }

        var owners = Owners(stored.Json).ToList();
        var absent = owners.Where(owner => owner["uid"]!.ToString() == deletedUid || IsAbsent(owner, key.Namespace))
            .Select(owner => owner["uid"]!.ToString())
            .ToHashSet(StringComparer.Ordinal);
        if (absent.Count == 0 || owners.Count == 0)
        {
            return;
        }

        if (absent.Count == owners.Select(owner => owner["uid"]!.ToString()).Distinct().Count())
        {
            if (!Metadata.IsTerminating(stored.Json))
            {
                await DeleteAsync(resource, stored, "Background", cancellationToken);
            }

            return;
        }

        await EditAsync(resource, stored.Key, target => RemoveOwners(target, absent), cancellationToken);
    }

    private async Task OrphanAsync(StoredObject owner, CancellationToken cancellationToken)
    {
        var uids = new HashSet<string>(StringComparer.Ordinal) { owner.Uid };
        foreach (var dependent in server.Log.Dependents(owner.Uid))
        {
            if (Resource(dependent) is { } resource)
            {
                await EditAsync(resource, dependent, target => RemoveOwners(target, uids), cancellationToken);
            }
        }

        await ReleaseAsync(owner, Metadata.OrphanFinalizer, cancellationToken);
    }

    private async Task DeleteForegroundAsync(StoredObject owner, CancellationToken cancellationToken)
    {
        foreach (var key in server.Log.Dependents(owner.Uid))
        {
            if (server.Log.Find(key) is { } dependent && Resource(key) is { } resource && !Metadata.IsTerminating(dependent.Json)
                && Owners(dependent.Json).All(other => other["uid"]!.ToString() == owner.Uid || IsAbsent(other, key.Namespace)))
            {
                var hasDependents = server.Log.Dependents(dependent.Uid).Count > 0;
                await DeleteAsync(resource, dependent, hasDependents ? "Foreground" : "Background", cancellationToken);
            }
        }

        var blocked = server.Log.Dependents(owner.Uid).Any(key => server.Log.Find(key) is { } dependent && Owners(dependent.Json)
            .Any(reference => reference["uid"]!.ToString() == owner.Uid && reference["blockOwnerDeletion"]?.GetValueKind() == JsonValueKind.True));
        if (!blocked)
        {
            await ReleaseAsync(owner, Metadata.ForegroundFinalizer, cancellationToken);
        }
    }

    private async Task ReleaseAsync(StoredObject owner, string finalizer, CancellationToken cancellationToken)
    {
        if (Resource(owner.Key) is { } resource)
        {
            await EditAsync(
                resource,
                owner.Key,
                target => Metadata.SetFinalizers(target, Metadata.Finalizers(target).Where(item => item != finalizer)),
                cancellationToken);
        }
    }

    private async Task EditAsync(ServedResource resource, ObjectKey key, Action<JsonObject> edit, CancellationToken cancellationToken)
    {
        try
        {
            await _updater.UpdateAsync(
                Write(resource, key),
                old =>
                {
                    var target = (JsonObject)old.DeepClone();
                    edit(target);
                    return new ObjectUpdater.Change(target, IsPatch: true);
                },
                cancellationToken);
        }
        catch (ApiException)
        {
            // Gone, not valid any more by today's schema, or refused by a webhook: looked at again with its next change and by housekeeping.
        }
    }

    private async Task DeleteAsync(ServedResource resource, StoredObject stored, string propagation, CancellationToken cancellationToken)
    {
        try
        {
            await _deleter.DeleteAsync(Write(resource, stored.Key), new DeletePolicy { Uid = stored.Uid, Propagation = propagation }, cancellationToken);
        }
        catch (ApiException)
        {
            // Gone already, or refused by a webhook: housekeeping tries again.
        }
    }

    /// <summary>Whether the owner surely does not exist: a kind that is not served right now may still have objects.</summary>
    private bool IsAbsent(JsonObject reference, string @namespace) =>
        OwnerResource(reference) is not null && FindOwner(reference, @namespace) is null;

    private StoredObject? FindOwner(JsonObject reference, string @namespace)
    {
        var found = OwnerResource(reference) is { } resource ? server.Log.Find(resource.Key(@namespace, reference["name"]?.ToString() ?? "")) : null;
        return found?.Uid == reference["uid"]!.ToString() ? found : null;
    }

    private ServedResource? OwnerResource(JsonObject reference)
    {
        var apiVersion = reference["apiVersion"]?.ToString() ?? "";
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "";
        return server.Registry.Table.FindKind(group, reference["kind"]?.ToString() ?? "");
    }

    private ServedResource? Resource(ObjectKey key)
    {
        var separator = key.Resource.LastIndexOf('/');
        return server.Registry.Table.Stored().FirstOrDefault(
            resource => resource.Definition.Plural == key.Resource[(separator + 1)..] && resource.Definition.Group == key.Resource[..separator]);
    }

    private static IEnumerable<JsonObject> Owners(JsonObject target) =>
        (target["metadata"]?["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>().Where(owner => owner["uid"] is not null);

    private static void RemoveOwners(JsonObject target, HashSet<string> uids)
    {
        var left = Owners(target).Where(owner => !uids.Contains(owner["uid"]!.ToString())).Select(owner => owner.DeepClone()).ToArray();
        if (left.Length > 0)
        {
            Metadata.Of(target)["ownerReferences"] = new JsonArray(left);
        }
        else
        {
            Metadata.Of(target).Remove("ownerReferences");
        }
    }

    private static WriteContext Write(ServedResource resource, ObjectKey key) => new()
    {
        Target = new Target(resource, key.Namespace.Length == 0 ? null : key.Namespace, key.Name, null),
        Manager = Manager,
        User = UserInfo.Server,
    };
}
