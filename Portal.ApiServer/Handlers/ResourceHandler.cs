using Portal.ApiServer.Auth;
using Portal.ApiServer.Resources;

namespace Portal.ApiServer.Handlers;

/// <summary>The verbs of one resource: maps HTTP onto the readers and writers.</summary>
internal sealed class ResourceHandler(ServerContext server)
{
    private readonly ObjectCreator _creator = new(server);
    private readonly ObjectUpdater _updater = new(server);
    private readonly ObjectDeleter _deleter = new(server);

    public Task HandleAsync(ApiCall call)
    {
        var method = call.Http.Request.Method;
        if (call.Target.Name is null)
        {
            return method switch
            {
                "GET" or "HEAD" => call.Flag("watch") ? new WatchStream(call, server).RunAsync() : ListAsync(call),
                "POST" => CreateAsync(call),
                "DELETE" => DeleteCollectionAsync(call),
                _ => throw ApiException.MethodNotAllowed(),
            };
        }

        return method switch
        {
            "GET" or "HEAD" => GetAsync(call),
            "PUT" => ReplaceAsync(call),
            "PATCH" => PatchAsync(call),
            "DELETE" when call.Target.Subresource is null => DeleteAsync(call),
            _ => throw ApiException.MethodNotAllowed(),
        };
    }

    private Task GetAsync(ApiCall call)
    {
        var resource = call.Target.Resource;
        var stored = server.Log.Find(call.Target.Key(call.Target.Name!)) ?? throw ApiException.NotFound(resource, call.Target.Name!);
        var presented = resource.Present(stored);
        return call.Shape() == ResponseShape.Object
            ? Answer.BytesAsync(call.Http, 200, presented.Utf8)
            : Answer.ObjectAsync(call, server, 200, presented.Json);
    }

    private async Task ListAsync(ApiCall call)
    {
        _ = call.Shape();
        await Answer.ListAsync(call, server, await ListPage.ReadAsync(call, server));
    }

    private async Task CreateAsync(ApiCall call)
    {
        if (call.Target.Resource.Namespaced && call.Target.Namespace is null)
        {
            throw ApiException.MethodNotAllowed();
        }

        var write = call.ToWrite();
        var target = ObjectDecoder.Decode(await ReadObjectAsync(call), write);
        var created = await _creator.CreateAsync(write, target, applied: false, call.Aborted);
        call.Caller.CreatedName = Metadata.Text(created, "name");
        Answer.Warn(call.Http, write.Warnings);
        await Answer.ObjectAsync(call, server, 201, created);
    }

    private async Task ReplaceAsync(ApiCall call)
    {
        var write = call.ToWrite();
        var body = await ReadObjectAsync(call);
        if (body.Node is JsonObject wanted && Metadata.Text(wanted, "name") is { Length: > 0 } name && name != call.Target.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({call.Target.Name})");
        }

        var target = ObjectDecoder.Decode(body, write);
        JsonObject result;
        var status = 200;
        if (call.Target.Resource.Rules.AllowCreateOnUpdate && server.Log.Find(call.Target.Key(call.Target.Name!)) is null)
        {
            Metadata.Of(target)["name"] = call.Target.Name;
            Metadata.Of(target).Remove("resourceVersion");
            RequireCreate(call);
            result = await _creator.CreateAsync(write, target, applied: false, call.Aborted);
            status = 201;
        }
        else
        {
            result = await _updater.UpdateAsync(write, _ => new ObjectUpdater.Change((JsonObject)target.DeepClone(), IsPatch: false), call.Aborted);
        }

        Answer.Warn(call.Http, write.Warnings);
        await Answer.ObjectAsync(call, server, status, result);
    }

    private async Task PatchAsync(ApiCall call)
    {
        var patch = PatchRequest.Read(call, await RequestBody.ReadBytesAsync(call.Http.Request, call.Aborted));
        var write = call.ToWrite();
        var (status, result) = patch.Type == PatchType.Apply
            ? await ApplyAsync(call, patch, write)
            : (200, await _updater.UpdateAsync(write, old => new ObjectUpdater.Change(Patched(patch, old, write), IsPatch: true), call.Aborted));
        Answer.Warn(call.Http, write.Warnings);
        await Answer.ObjectAsync(call, server, status, result);
    }

    private static JsonObject Patched(PatchRequest patch, JsonObject old, WriteContext write)
    {
        write.Warnings.Clear();
        var patched = patch.Patch(old, write.Resource.Schema);
        ObjectDecoder.DecodePatched(patched, patch.Body.Duplicates, write);
        return patched;
    }

    private async Task<(int Status, JsonObject Result)> ApplyAsync(ApiCall call, PatchRequest patch, WriteContext write)
    {
        patch.CheckApplied(write);
        if (server.Log.Find(call.Target.Key(call.Target.Name!)) is null && call.Target.Subresource is null)
        {
            RequireCreate(call);
            var applied = patch.Apply(null, write, server.Now);
            Metadata.Of(applied).Remove("resourceVersion");
            ObjectDecoder.DecodePatched(applied, patch.Body.Duplicates, write);
            return (201, await _creator.CreateAsync(write, applied, applied: true, call.Aborted));
        }

        var result = await _updater.UpdateAsync(
            write,
            old =>
            {
                write.Warnings.Clear();
                CheckAppliedVersion(patch, write, old);
                var merged = patch.Apply(old, write, server.Now);
                ObjectDecoder.DecodePatched(merged, patch.Body.Duplicates, write);
                return new ObjectUpdater.Change(merged, IsPatch: true, Applied: true);
            },
            call.Aborted);
        return (200, result);
    }

    /// <summary>An update or patch that creates needs the right to create as well.</summary>
    private void RequireCreate(ApiCall call) => server.Authorizer.Require(call.User, new RequestAttributes
    {
        IsResource = true,
        Verb = "create",
        Group = call.Target.Resource.Definition.Group,
        Version = call.Target.Resource.Definition.Version,
        Resource = call.Target.Resource.Definition.Plural,
        Namespace = call.Target.Namespace ?? "",
        Name = call.Target.Name!,
    });

    private static void CheckAppliedVersion(PatchRequest patch, WriteContext write, JsonObject old)
    {
        var version = Metadata.Text((JsonObject)patch.Body.Node!, "resourceVersion");
        if (version.Length > 0 && version != Metadata.Text(old, "resourceVersion"))
        {
            throw ApiException.Modified(write.Resource, write.Target.Name!);
        }
    }

    private async Task DeleteAsync(ApiCall call)
    {
        var resource = call.Target.Resource;
        var outcome = await _deleter.DeleteAsync(call.ToWrite(), await ReadPolicyAsync(call), call.Aborted);
        if (outcome.Gone && !resource.Rules.DeleteReturnsObject)
        {
            var details = ApiException.Details(resource, call.Target.Name!);
            details["uid"] = Metadata.Text(outcome.Object, "uid");
            await Answer.JsonAsync(call.Http, 200, new JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject(),
                ["status"] = "Success",
                ["details"] = details,
            });
            return;
        }

        await Answer.ObjectAsync(call, server, 200, outcome.Object);
    }

    private async Task DeleteCollectionAsync(ApiCall call)
    {
        if (!call.Target.Resource.Verbs.Contains("deletecollection"))
        {
            throw ApiException.MethodNotAllowed();
        }

        var policy = await ReadPolicyAsync(call);
        var page = await ListPage.ReadAsync(call, server);
        foreach (var stored in page.Items)
        {
            var one = call.ToWrite(call.Target with { Namespace = stored.Key.Namespace.Length == 0 ? null : stored.Key.Namespace, Name = stored.Key.Name });
            try
            {
                await _deleter.DeleteAsync(one, policy with { Uid = stored.Uid }, call.Aborted);
            }
            catch (ApiException gone) when (gone.Code is 404 or 409)
            {
                // Someone else was faster, or the name now belongs to another object.
            }
        }

        await Answer.ListAsync(call, server, page);
    }

    private static async Task<DeletePolicy> ReadPolicyAsync(ApiCall call)
    {
        var bytes = await RequestBody.ReadBytesAsync(call.Http.Request, call.Aborted);
        if (bytes.AsSpan().Trim(" \r\n\t"u8).Length == 0)
        {
            return ObjectDeleter.ReadPolicy(call, null);
        }

        var format = MediaType.ForBody(call.Http.Request.ContentType) ?? throw ApiException.UnsupportedMediaType(MediaType.AcceptedBodies);
        var body = format == BodyFormat.Protobuf
            ? ProtobufBody.ParseDeleteOptions(bytes)
            : RequestBody.Parse(bytes, format, "DeleteOptions").Node as JsonObject ?? throw ApiException.BadRequest("DeleteOptions must be an object");
        return ObjectDeleter.ReadPolicy(call, body);
    }

    /// <summary>Reads a create or replace body.</summary>
    public static Task<RequestBody> ReadObjectAsync(ApiCall call) => ReadObjectAsync(call, call.Target.Resource.Definition.Kind);

    /// <summary>Reads a body that is to be of another kind than the resource.</summary>
    public static async Task<RequestBody> ReadObjectAsync(ApiCall call, string kind)
    {
        var format = MediaType.ForBody(call.Http.Request.ContentType) ?? throw ApiException.UnsupportedMediaType(MediaType.AcceptedBodies);
        var bytes = await RequestBody.ReadBytesAsync(call.Http.Request, call.Aborted);
        return format == BodyFormat.Protobuf ? ProtobufBody.Parse(bytes, kind) : RequestBody.Parse(bytes, format, kind);
    }

    /// <summary>Whether the resource has this subresource with an endpoint of this kind (status or finalize).</summary>
    public static bool Serves(ServedResource resource, string subresource) =>
        (subresource == "status" && resource.HasStatus)
        || (subresource == "finalize" && resource.Subresources.Any(known => known.Name == "finalize"));
}
