using System.Security.Cryptography;
using Portal.ApiServer.Admission;
using Portal.ApiServer.Patching.ServerSideApply;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Handlers;

/// <summary>The way of a new object from decoded JSON into the log.</summary>
internal sealed class ObjectCreator(ServerContext server)
{
    private const int GenerateAttempts = 8;
    private const string SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int MaxGeneratedBase = 58;

    /// <summary>Creates an object; what it returns is as stored, or as it would be in a dry run (then without resourceVersion).</summary>
    /// <param name="target">Decoded object; it is changed in place.</param>
    /// <param name="write">Who, where and how; <c>Target.Name</c> is not used.</param>
    /// <param name="applied">Whether server-side apply made it: its managedFields are then complete.</param>
    public async Task<JsonObject> CreateAsync(WriteContext write, JsonObject target, bool applied, CancellationToken cancellationToken)
    {
        var metadata = Metadata.Of(target);
        CheckMetadata(write, metadata);
        EnsureNamespace(write, Metadata.Text(target, "name"));
        var generated = Metadata.Text(target, "name").Length == 0 && Metadata.Text(target, "generateName").Length > 0;
        var template = generated ? (JsonObject)target.DeepClone() : target;
        for (var attempt = 1; ; attempt++)
        {
            var candidate = attempt == 1 ? target : (JsonObject)template.DeepClone();
            if (generated)
            {
                Metadata.Of(candidate)["name"] = Generate(Metadata.Text(candidate, "generateName"));
            }

            var name = Metadata.Text(candidate, "name");
            await PrepareAsync(write, candidate, name, applied, cancellationToken);
            var existing = server.Log.Find(write.Target.Key(name));
            if (existing is null && write.DryRun)
            {
                return candidate;
            }

            if (existing is null && await StoreAsync(write, candidate, name) is { } stored)
            {
                // The object is stored: the answer must not depend on the client still being there.
                await server.AfterWrite(stored);
                return write.Resource.Present(stored).Json;
            }

            if (!generated || attempt == GenerateAttempts)
            {
                throw ApiException.AlreadyExists(write.Resource, name, existing is not null && Metadata.IsTerminating(existing.Json));
            }
        }
    }

    private async Task<StoredObject?> StoreAsync(WriteContext write, JsonObject target, string name)
    {
        // Admission may have taken long: the namespace must still be there when the object is stored.
        using var inside = write.Resource.Namespaced ? server.Namespaces.Enter(write.Target.Namespace ?? "") : null;
        EnsureNamespace(write, name);
        write.Resource.ToStored(target);
        var stored = await server.Log.CreateAsync(write.Target.Key(name), target);
        write.Resource.ToServed(target);
        return stored;
    }

    private static void CheckMetadata(WriteContext write, JsonObject metadata)
    {
        var resource = write.Resource;
        var @namespace = metadata["namespace"]?.ToString() ?? "";
        if (resource.Namespaced)
        {
            if (@namespace.Length > 0 && @namespace != write.Target.Namespace)
            {
                throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            }

            metadata["namespace"] = write.Target.Namespace;
        }
        else if (@namespace.Length > 0)
        {
            throw ApiException.BadRequest("namespace is not allowed on cluster-scoped resources");
        }

        if (string.IsNullOrEmpty(metadata["name"]?.ToString()) && string.IsNullOrEmpty(metadata["generateName"]?.ToString()))
        {
            throw ApiException.Invalid(resource, "", [FieldError.Required("metadata.name", "name or generateName is required")]);
        }

        if (!string.IsNullOrEmpty(metadata["resourceVersion"]?.ToString()))
        {
            throw ApiException.BadRequest("resourceVersion should not be set on objects to be created");
        }
    }

    private void EnsureNamespace(WriteContext write, string name)
    {
        var resource = write.Resource;
        if (resource.Terminating)
        {
            throw new ApiException(403, "Forbidden", $"create not allowed while custom resource definition is terminating", ApiException.Details(resource, name));
        }

        if (!resource.Namespaced)
        {
            return;
        }

        var @namespace = write.Target.Namespace ?? "";
        var namespaces = server.Registry.Table.Find("", "v1", "namespaces")!;
        var found = server.Log.Find(namespaces.Key(null, @namespace)) ?? throw ApiException.NotFound(namespaces, @namespace);
        if (Metadata.IsTerminating(found.Json))
        {
            var why = $"unable to create new content in namespace {@namespace} because it is being terminated";
            var refused = ApiException.Forbidden(resource, name, why).ToStatus();
            var details = (JsonObject)refused["details"]!;
            details["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "NamespaceTerminating",
                ["message"] = $"namespace {@namespace} is being terminated",
                ["field"] = "metadata.namespace",
            });
            throw new ApiException(403, "Forbidden", refused["message"]!.ToString(), details);
        }
    }

    private async Task PrepareAsync(WriteContext write, JsonObject target, string name, bool applied, CancellationToken cancellationToken)
    {
        var resource = write.Resource;
        var metadata = Metadata.Of(target);
        foreach (var field in (ReadOnlySpan<string>)["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"])
        {
            metadata.Remove(field);
        }

        if (resource.HasStatus && write.Target.Subresource is null)
        {
            target.Remove("status");
        }

        resource.Rules.PrepareCreate(target);
        resource.FillDefaults(target, dropNulls: !applied);
        resource.Rules.Complete(target, null);
        if (!applied)
        {
            ManagedFieldsUpdater.Update(null, target, resource.Schema, write.Writer(server.Now));
        }

        var review = new AdmissionRequest("CREATE", write, name, target, null);
        if (await server.Admission.MutateAsync(review, server, cancellationToken))
        {
            SchemaPruner.Prune(target, resource.Schema);
            resource.FillDefaults(target, dropNulls: true);
        }

        metadata = Metadata.Of(target);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = server.Timestamp;
        if (resource.Rules.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        Validation.Check(write, target, null);
        await server.Admission.ValidateAsync(review, server, cancellationToken);
    }

    private static string Generate(string prefix)
    {
        var start = prefix.Length > MaxGeneratedBase ? prefix[..MaxGeneratedBase] : prefix;
        return start + RandomNumberGenerator.GetString(SuffixAlphabet, 5);
    }
}
