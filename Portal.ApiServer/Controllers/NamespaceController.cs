using Portal.ApiServer.Auth;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Controllers;

/// <summary>Empties namespaces that are being deleted, and lets them go when nothing is left.</summary>
internal sealed class NamespaceController(ServerContext server)
{
    public const string StorageKey = "/namespaces";

    private readonly ObjectUpdater _updater = new(server);
    private readonly ObjectDeleter _deleter = new(server);

    public async Task FinalizeAsync(CancellationToken cancellationToken)
    {
        foreach (var stored in server.Log.Snapshot(StorageKey).Objects.Where(stored => Metadata.IsTerminating(stored.Json)).ToList())
        {
            // Objects that were on their way when the deletion began are in, or refused.
            await server.Namespaces.EmptyAsync(stored.Key.Name, cancellationToken);
            if (await EmptyAsync(stored.Key.Name, cancellationToken))
            {
                await ReleaseAsync(stored, cancellationToken);
            }
        }
    }

    private async Task<bool> EmptyAsync(string @namespace, CancellationToken cancellationToken)
    {
        var empty = true;
        foreach (var resource in server.Registry.Table.Stored().Where(resource => resource.Namespaced))
        {
            foreach (var stored in server.Log.Snapshot(resource.StorageKey, @namespace).Objects.ToList())
            {
                if (!Metadata.IsTerminating(stored.Json))
                {
                    await DeleteAsync(resource, stored, cancellationToken);
                }
            }

            empty &= !server.Log.Snapshot(resource.StorageKey, @namespace).Objects.Any();
        }

        return empty;
    }

    private async Task DeleteAsync(ServedResource resource, StoredObject stored, CancellationToken cancellationToken)
    {
        try
        {
            await _deleter.DeleteAsync(
                Write(resource, stored.Key.Namespace, stored.Key.Name, null), new DeletePolicy { Uid = stored.Uid, Propagation = "Background" }, cancellationToken);
        }
        catch (ApiException)
        {
            // Gone already, or refused by a webhook: housekeeping tries again.
        }
    }

    private async Task ReleaseAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        var resource = server.Registry.Table.Find("", "v1", "namespaces")!;
        try
        {
            await _updater.UpdateAsync(
                Write(resource, null, stored.Key.Name, "finalize"),
                old =>
                {
                    var released = (JsonObject)old.DeepClone();
                    released["spec"] = new JsonObject();
                    return new ObjectUpdater.Change(released, IsPatch: true);
                },
                cancellationToken);
        }
        catch (ApiException)
        {
            // Released by an earlier round, or refused by a webhook: housekeeping tries again.
        }
    }

    private static WriteContext Write(ServedResource resource, string? @namespace, string name, string? subresource) => new()
    {
        Target = new Target(resource, @namespace, name, subresource),
        Manager = "namespace-controller",
        User = UserInfo.Server,
    };
}
