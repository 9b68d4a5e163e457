using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Portal.ApiServer.Auth;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Resources.Kinds;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Controllers;

/// <summary>
/// Serves CustomResourceDefinitions: when a write of a CRD is answered, its versions are served and its conditions say so.
/// A deleted CRD takes its objects along and stays until the last one is gone.
/// </summary>
internal sealed partial class CrdController(ServerContext server)
{
    public const string StorageKey = "apiextensions.k8s.io/customresourcedefinitions";

    private readonly ILogger _logger = server.Loggers.CreateLogger<CrdController>();
    private readonly ObjectUpdater _updater = new(server);
    private readonly ObjectDeleter _deleter = new(server);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Served> _served = new(StringComparer.Ordinal);

    private ServedResource Resource => server.Registry.Table.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!;

    /// <summary>Serves every CRD that is stored.</summary>
    public async Task LoadAsync()
    {
        // Oldest first: who was there first keeps its names.
        var oldestFirst = server.Log.Snapshot(StorageKey).Objects.OrderBy(stored => Metadata.Text(stored.Json, "creationTimestamp"), StringComparer.Ordinal);
        foreach (var stored in oldestFirst.ToList())
        {
            await SyncAsync(stored);
        }
    }

    public Task AfterWriteAsync(StoredObject written) => written.Key.Resource == StorageKey ? SyncAsync(written) : Task.CompletedTask;

    /// <summary>Deletes the objects of CRDs that are being deleted, and releases those that have none left.</summary>
    public async Task FinalizeAsync(CancellationToken cancellationToken)
    {
        foreach (var stored in server.Log.Snapshot(StorageKey).Objects.Where(stored => Metadata.IsTerminating(stored.Json)).ToList())
        {
            if (!Metadata.Finalizers(stored.Json).Contains(CrdRules.CleanupFinalizer))
            {
                continue;
            }

            var served = CustomResources.From(stored.Json);
            var left = served.IsEmpty ? 0 : await DeleteInstancesAsync(served[0], cancellationToken);
            if (left == 0)
            {
                await ReleaseAsync(stored, cancellationToken);
            }
        }
    }

    private async Task SyncAsync(StoredObject written)
    {
        var name = written.Key.Name;
        var current = server.Log.Find(written.Key);
        if (current is null)
        {
            Withdraw(name, written);
            return;
        }

        var problem = CrdStatus.FindConflict(current.Json, server.Registry.Table);
        if (!Serve(name, current, problem is null))
        {
            return;
        }

        await UpdateStatusAsync(current, problem);
    }

    /// <summary>Puts the versions into the registry; false when a newer state is already there.</summary>
    private bool Serve(string name, StoredObject current, bool accepted)
    {
        lock (_lock)
        {
            var before = _served.GetValueOrDefault(name);
            if (before is not null && before.Revision > current.Revision)
            {
                return false;
            }

            var now = new Served(current.Revision, current.Json["spec"], accepted, Metadata.IsTerminating(current.Json));
            _served[name] = now;
            if (before is not null && before.Accepted == accepted && before.Terminating == now.Terminating && before.HasSpecOf(now))
            {
                return true;
            }

            server.Registry.Set(name, accepted ? Versions(current) : []);
            if (before is not null && !(before.Accepted == accepted && before.HasSpecOf(now)))
            {
                // Watches show objects by the schema they began with: their clients start again with the new one.
                CloseWatches(current.Json);
            }

            return true;
        }
    }

    private ImmutableArray<ServedResource> Versions(StoredObject crd)
    {
        try
        {
            return CustomResources.From(crd.Json);
        }
        catch (Schemas.SchemaException problem)
        {
            Log.NotServed(_logger, crd.Key.Name, problem.Message);
            return [];
        }
    }

    private void CloseWatches(JsonObject crd) => server.Log.Hub.Close($"{crd["spec"]?["group"]}/{crd["spec"]?["names"]?["plural"]}");

    private void Withdraw(string name, StoredObject written)
    {
        lock (_lock)
        {
            if (server.Log.Find(written.Key) is not null)
            {
                // Created again meanwhile: that write serves it.
                return;
            }

            _served.Remove(name);
            server.Registry.Set(name, []);
            CloseWatches(written.Json);
        }
    }

    private async Task UpdateStatusAsync(StoredObject current, NameConflict? problem)
    {
        var write = Write(current, "status");
        try
        {
            await _updater.UpdateAsync(
                write, old => new ObjectUpdater.Change(CrdStatus.Update((JsonObject)old.DeepClone(), problem, server.Timestamp), IsPatch: true), CancellationToken.None);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            // Deleted meanwhile: there is no status to write.
        }
    }

    private async Task<int> DeleteInstancesAsync(ServedResource resource, CancellationToken cancellationToken)
    {
        foreach (var stored in server.Log.Snapshot(resource.StorageKey).Objects.Where(stored => !Metadata.IsTerminating(stored.Json)).ToList())
        {
            var @namespace = stored.Key.Namespace.Length == 0 ? null : stored.Key.Namespace;
            var write = new WriteContext { Target = new Target(resource, @namespace, stored.Key.Name, null), Manager = "kube-apiserver", User = UserInfo.Server };
            try
            {
                await _deleter.DeleteAsync(write, new DeletePolicy { Uid = stored.Uid }, cancellationToken);
            }
            catch (ApiException)
            {
                // Gone already, or refused by a webhook: housekeeping tries again.
            }
        }

        return server.Log.Snapshot(resource.StorageKey).Objects.Count();
    }

    private async Task ReleaseAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        try
        {
            await _updater.UpdateAsync(
                Write(stored, "finalize"),
                old =>
                {
                    var released = (JsonObject)old.DeepClone();
                    Metadata.SetFinalizers(released, Metadata.Finalizers(released).Where(finalizer => finalizer != CrdRules.CleanupFinalizer));
                    return new ObjectUpdater.Change(released, IsPatch: true);
                },
                cancellationToken);
        }
        catch (ApiException)
        {
            // Released by an earlier round, or refused by a webhook: housekeeping tries again.
        }
    }

    private WriteContext Write(StoredObject stored, string subresource) => new()
    {
        Target = new Target(Resource, null, stored.Key.Name, subresource),
        Manager = "kube-apiserver",
        User = UserInfo.Server,
    };

    /// <summary>What decided about how a CRD is served.</summary>
    private sealed record Served(long Revision, JsonNode? Spec, bool Accepted, bool Terminating)
    {
        public bool HasSpecOf(Served other) => JsonNode.DeepEquals(Spec, other.Spec);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "CustomResourceDefinition {Name} is not served: {Reason}")]
        public static partial void NotServed(ILogger logger, string name, string reason);
    }
}
