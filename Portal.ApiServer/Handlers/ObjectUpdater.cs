using Portal.ApiServer.Admission;
using Portal.ApiServer.Patching.ServerSideApply;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Handlers;

/// <summary>The way of a changed object into the log: PUT, every patch, and the server's own controllers.</summary>
internal sealed class ObjectUpdater(ServerContext server)
{
    /// <summary>What a change makes of the stored object.</summary>
    /// <param name="Object">The wanted state, decoded.</param>
    /// <param name="IsPatch">Whether it was made from the stored object: then a lost race is tried again, and an immutable field is a 422.</param>
    /// <param name="Applied">Whether server-side apply made it: managedFields are then complete.</param>
    internal sealed record Change(JsonObject Object, bool IsPatch, bool Applied = false);

    /// <summary>Changes an object; returns it as stored, or as it would be in a dry run.</summary>
    /// <param name="change">Makes the wanted state from the stored one, which it must not change; called again after a lost race.</param>
    /// <exception cref="ApiException">404, 409, 422 and what admission says.</exception>
    public async Task<JsonObject> UpdateAsync(WriteContext write, Func<JsonObject, Change> change, CancellationToken cancellationToken)
    {
        var name = write.Target.Name!;
        while (true)
        {
            var current = server.Log.Find(write.Target.Key(name)) ?? throw ApiException.NotFound(write.Resource, name);
            var old = write.Resource.Present(current).Json;
            var wanted = change(old);
            var conditional = CheckPreconditions(write, wanted, old);
            var result = await TryUpdateAsync(write, current, old, wanted, cancellationToken);
            if (result is not null)
            {
                return result;
            }

            if (conditional)
            {
                throw ApiException.Modified(write.Resource, name);
            }

            // Of all who race one wins each time, so this ends; it must not go on for a client that left.
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Returns whether the client insists on the revision it saw.</summary>
    private static bool CheckPreconditions(WriteContext write, Change wanted, JsonObject old)
    {
        var resource = write.Resource;
        var target = wanted.Object;
        var name = write.Target.Name!;
        var givenName = Metadata.Text(target, "name");
        if (givenName.Length == 0 && !wanted.IsPatch)
        {
            Metadata.Of(target)["name"] = name;
        }
        else if (givenName != name)
        {
            throw ApiException.BadRequest($"the name of the object ({givenName}) does not match the name on the URL ({name})");
        }

        var @namespace = Metadata.Text(target, "namespace");
        if (@namespace.Length > 0 && @namespace != (write.Target.Namespace ?? ""))
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (resource.Namespaced)
        {
            Metadata.Of(target)["namespace"] = write.Target.Namespace;
        }

        CheckUid(write, wanted, old);
        var version = Metadata.Text(target, "resourceVersion");
        var current = Metadata.Text(old, "resourceVersion");
        if (version.Length == 0 || version == "0")
        {
            if (!resource.Rules.AllowUnconditionalUpdate && !wanted.IsPatch)
            {
                throw ApiException.VersionRequired(resource, name);
            }

            return false;
        }

        if (!ulong.TryParse(version, out _))
        {
            throw ApiException.BadRequest($"invalid resource version: metadata.resourceVersion: Invalid value: \"{version}\": must be a number");
        }

        if (version != current)
        {
            throw ApiException.Modified(resource, name);
        }

        return !wanted.IsPatch;
    }

    private static void CheckUid(WriteContext write, Change wanted, JsonObject old)
    {
        var given = Metadata.Text(wanted.Object, "uid");
        var actual = Metadata.Text(old, "uid");
        if (given.Length == 0 || given == actual)
        {
            return;
        }

        throw wanted.IsPatch
            ? ApiException.Invalid(write.Resource, write.Target.Name!, [FieldError.Invalid("metadata.uid", given, "field is immutable")])
            : ApiException.Conflict(write.Resource, write.Target.Name!, $"Precondition failed: UID in precondition: {given}, UID in object meta: {actual}");
    }

    /// <summary>Null when another write came between.</summary>
    private async Task<JsonObject?> TryUpdateAsync(
        WriteContext write, StoredObject current, JsonObject old, Change wanted, CancellationToken cancellationToken)
    {
        var resource = write.Resource;
        var target = Split(write, wanted.Object, old);
        Metadata.KeepSystemFields(target, old);
        Metadata.Of(target)["resourceVersion"] = Metadata.Text(old, "resourceVersion");
        if (write.Target.Subresource is null)
        {
            resource.Rules.PrepareUpdate(target, old);
        }

        resource.FillDefaults(target, dropNulls: !wanted.Applied);
        resource.Rules.Complete(target, old);
        if (!wanted.Applied)
        {
            ManagedFieldsUpdater.Update(old, target, resource.Schema, write.Writer(server.Now));
        }

        var review = new AdmissionRequest("UPDATE", write, write.Target.Name!, target, old);
        if (await server.Admission.MutateAsync(review, server, cancellationToken))
        {
            SchemaPruner.Prune(target, resource.Schema);
            resource.FillDefaults(target, dropNulls: true);
            Metadata.KeepSystemFields(target, old);
        }

        if (resource.Rules.HasGeneration && !SameDesire(target, old, resource.HasStatus))
        {
            Metadata.Of(target)["generation"] = Metadata.Generation(old) + 1;
        }

        Validation.Check(write, target, old);
        await server.Admission.ValidateAsync(review, server, cancellationToken);
        return await StoreAsync(write, current, target);
    }

    private async Task<JsonObject?> StoreAsync(WriteContext write, StoredObject current, JsonObject target)
    {
        var resource = write.Resource;
        resource.ToStored(target);
        var unchanged = ManagedFields.HasSameContent(current.Json, target);
        var released = Metadata.IsTerminating(target) && Metadata.Finalizers(target).Count == 0 && !resource.Rules.HasOwnFinalizers(target);
        if (write.DryRun || (unchanged && !released))
        {
            resource.ToServed(target);
            return unchanged && !write.DryRun ? resource.Present(current).Json : target;
        }

        var stored = await (released ? server.Log.DeleteAsync(current, current.Copy()) : server.Log.UpdateAsync(current, target));
        if (stored is null)
        {
            return null;
        }

        await server.AfterWrite(stored);
        if (!released)
        {
            return resource.Present(stored).Json;
        }

        resource.ToServed(target);
        return target;
    }

    /// <summary>Takes from the wanted state what this endpoint may change.</summary>
    private static JsonObject Split(WriteContext write, JsonObject wanted, JsonObject old)
    {
        if (write.Target.Subresource == "status")
        {
            var merged = (JsonObject)old.DeepClone();
            Metadata.Copy(wanted, merged, "status");
            Metadata.Copy(Metadata.Of(wanted), Metadata.Of(merged), "managedFields");
            return merged;
        }

        if (write.Target.Subresource is null or "finalize" && write.Resource.HasStatus)
        {
            Metadata.Copy(old, wanted, "status");
        }

        return wanted;
    }

    private static bool SameDesire(JsonObject target, JsonObject old, bool hasStatus)
    {
        static bool Counts(string key, bool hasStatus) => key is not ("metadata" or "apiVersion" or "kind") && !(hasStatus && key == "status");

        return target.Where(pair => Counts(pair.Key, hasStatus)).All(pair => old.TryGetPropertyValue(pair.Key, out var value) && JsonNode.DeepEquals(value, pair.Value))
            && old.Where(pair => Counts(pair.Key, hasStatus)).All(pair => target.ContainsKey(pair.Key));
    }
}
