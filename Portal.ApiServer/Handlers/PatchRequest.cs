using Portal.ApiServer.Patching;
using Portal.ApiServer.Patching.ServerSideApply;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

internal enum PatchType
{
    Json,
    Merge,
    Strategic,
    Apply,
}

/// <summary>A decoded PATCH body and how it changes an object.</summary>
internal sealed record PatchRequest(PatchType Type, RequestBody Body, bool Force)
{
    /// <summary>Reads the patch.</summary>
    /// <exception cref="ApiException">415 for a type this resource does not take, 400 when the body does not parse.</exception>
    public static PatchRequest Read(ApiCall call, byte[] body)
    {
        var resource = call.Target.Resource;
        var type = MediaType.Bare(call.Http.Request.ContentType) switch
        {
            "application/json-patch+json" => PatchType.Json,
            "application/merge-patch+json" => PatchType.Merge,
            "application/strategic-merge-patch+json" when !resource.IsCustom => PatchType.Strategic,
            "application/apply-patch+yaml" => PatchType.Apply,
            _ => throw ApiException.UnsupportedPatch(
                resource,
                "application/json-patch+json, application/merge-patch+json, "
                + (resource.IsCustom ? "" : "application/strategic-merge-patch+json, ") + "application/apply-patch+yaml"),
        };
        var force = call.Flag("force");
        if (type != PatchType.Apply)
        {
            return call.Query("force") is null
                ? new PatchRequest(type, RequestBody.Parse(body, BodyFormat.Json, "patch"), force)
                : throw PatchOptions(FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        }

        if (string.IsNullOrEmpty(call.Query("fieldManager")))
        {
            throw PatchOptions(FieldError.Required("fieldManager", "is required for apply patch"));
        }

        var parsed = RequestBody.Parse(body, IsJson(body) ? BodyFormat.Json : BodyFormat.Yaml, resource.Definition.Kind);
        return parsed.Node is JsonObject
            ? new PatchRequest(type, parsed, force)
            : throw ApiException.BadRequest("error decoding YAML: an applied configuration must be an object");
    }

    /// <summary>Applies a patch that is not an apply to a copy of <paramref name="old"/>.</summary>
    public JsonObject Patch(JsonObject old, StructuralSchema schema)
    {
        try
        {
            return Type switch
            {
                PatchType.Json => JsonPatch.Apply(old, Body.Node) as JsonObject ?? throw ApiException.Unprocessable(),
                PatchType.Merge => MergePatch.Apply(old, Body.Node),
                _ => StrategicMergePatch.Apply(old, Body.Node, schema),
            };
        }
        catch (PatchException problem)
        {
            throw problem.Malformed ? ApiException.BadRequest(problem.Message) : ApiException.Unprocessable();
        }
    }

    /// <summary>Server-side apply onto <paramref name="old"/>, or onto nothing.</summary>
    /// <exception cref="ApiException">409 with every conflict, or 400 when the configuration does not fit the schema.</exception>
    public JsonObject Apply(JsonObject? old, WriteContext write, DateTimeOffset now)
    {
        var applied = (JsonObject)Body.Node!.DeepClone();
        if (applied["metadata"]?["managedFields"] is JsonArray { Count: > 0 })
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }

        ApplyResult result;
        try
        {
            result = ApplyMerger.Apply(old, applied, write.Resource.Schema, write.Writer(now), Force);
        }
        catch (ApplyException problem)
        {
            throw ApiException.BadRequest(problem.Message);
        }

        if (result.Conflicts.Count == 0)
        {
            DropRemoved(result.Object!, applied);
            return result.Object!;
        }

        throw new ApiException(409, "Conflict", result.ConflictMessage, new JsonObject
        {
            ["causes"] = new JsonArray([.. result.Conflicts.Select(conflict => (JsonNode)new JsonObject
            {
                ["reason"] = "FieldManagerConflict",
                ["message"] = conflict.Message,
                ["field"] = conflict.Field,
            })]),
        });
    }

    /// <summary>Checks what an applied configuration says about itself against the path.</summary>
    public void CheckApplied(WriteContext write)
    {
        var applied = (JsonObject)Body.Node!;
        var kind = applied["kind"]?.ToString() ?? "";
        var apiVersion = applied["apiVersion"]?.ToString() ?? "";
        if (kind.Length == 0 || apiVersion.Length == 0)
        {
            throw ApiException.BadRequest("apiVersion and kind must be set in an applied configuration");
        }

        if (kind != write.Resource.Definition.Kind || apiVersion != write.Resource.Definition.ApiVersion)
        {
            throw ApiException.BadRequest($"invalid object type: {apiVersion}, Kind={kind}");
        }

        var name = Metadata.Text(applied, "name");
        if (name.Length == 0)
        {
            throw ApiException.BadRequest($"the name of the object ({write.Target.Name} based on URL) was undeterminable: name must be provided");
        }

        if (name != write.Target.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({write.Target.Name})");
        }

        var metadata = Metadata.Of(applied);
        if (write.Resource.Namespaced)
        {
            var @namespace = Metadata.Text(applied, "namespace");
            if (@namespace.Length > 0 && @namespace != write.Target.Namespace)
            {
                throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            }

            metadata["namespace"] = write.Target.Namespace;
        }
    }

    /// <summary>
    /// An object that lost its last field to the merge is null there, and goes. A null that the client applied stays, for validation to refuse.
    /// </summary>
    private static void DropRemoved(JsonObject merged, JsonObject? applied)
    {
        foreach (var (key, value) in merged.ToList())
        {
            if (value is null && !(applied is not null && applied.TryGetPropertyValue(key, out var given) && given is null))
            {
                merged.Remove(key);
            }
            else if (value is JsonObject child)
            {
                DropRemoved(child, applied?[key] as JsonObject);
            }
        }
    }

    private static ApiException PatchOptions(FieldError error) => ApiException.Invalid("meta.k8s.io", "PatchOptions", "", [error]);

    private static bool IsJson(ReadOnlySpan<byte> body) => body.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
}
