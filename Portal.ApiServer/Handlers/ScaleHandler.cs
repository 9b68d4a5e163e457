using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Tables;
using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Handlers;

/// <summary>The <c>/scale</c> subresource: <c>autoscaling/v1 Scale</c> as a view on the object's replicas.</summary>
internal sealed class ScaleHandler(ServerContext server)
{
    private static readonly TableConverter s_table = TableConverter.ForBuiltIn(new ResourceDefinition("autoscaling", "v1", "Scale", "scales", true));

    private readonly ObjectUpdater _updater = new(server);

    public async Task HandleAsync(ApiCall call)
    {
        var resource = call.Target.Resource;
        var name = call.Target.Name!;
        switch (call.Http.Request.Method)
        {
            case "GET" or "HEAD":
                var stored = server.Log.Find(call.Target.Key(name)) ?? throw ApiException.NotFound(resource, name);
                await AnswerAsync(call, ToScale(resource, resource.Present(stored).Json));
                break;
            case "PUT":
                var body = RequestBody.Parse(await RequestBody.ReadBytesAsync(call.Http.Request, call.Aborted), BodyFormat.Json, "Scale").Node as JsonObject
                    ?? throw ApiException.BadRequest("a Scale must be an object");
                await ChangeAsync(call, _ => body);
                break;
            case "PATCH":
                var patch = PatchRequest.Read(call, await RequestBody.ReadBytesAsync(call.Http.Request, call.Aborted));
                await ChangeAsync(call, scale => patch.Type == PatchType.Apply
                    ? throw ApiException.UnsupportedMediaType("application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json")
                    : patch.Patch(scale, BuiltInSchemas.Find("autoscaling", "v1", "Scale")!));
                break;
            default:
                throw ApiException.MethodNotAllowed();
        }
    }

    private async Task ChangeAsync(ApiCall call, Func<JsonObject, JsonObject> change)
    {
        var resource = call.Target.Resource;
        var write = call.ToWrite();
        var result = await _updater.UpdateAsync(
            write,
            old =>
            {
                var scale = change(ToScale(resource, old));
                var wanted = (JsonObject)old.DeepClone();
                var version = Metadata.Text(scale, "resourceVersion");
                if (version.Length > 0 && version != "0")
                {
                    Metadata.Of(wanted)["resourceVersion"] = version;
                }

                SetReplicas(wanted, resource.Scale!.SpecReplicas, ReadReplicas(scale, call));
                return new ObjectUpdater.Change(wanted, IsPatch: true);
            },
            call.Aborted);
        await AnswerAsync(call, ToScale(resource, result));
    }

    private Task AnswerAsync(ApiCall call, JsonObject scale) => Answer.JsonAsync(call.Http, 200, call.Shape() switch
    {
        ResponseShape.Table => s_table.ToTable([scale], scale["metadata"] as JsonObject, Answer.Include(call), server.Now),
        ResponseShape.PartialMetadata => PartialMetadata.Of(scale),
        _ => scale,
    });

    private static long ReadReplicas(JsonObject scale, ApiCall call)
    {
        if (scale["kind"]?.ToString() is { } kind && (kind != "Scale" || scale["apiVersion"]?.ToString() != "autoscaling/v1"))
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type Scale): {scale["apiVersion"]} {kind}");
        }

        var name = Metadata.Text(scale, "name");
        if (name.Length > 0 && name != call.Target.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({call.Target.Name})");
        }

        if ((scale["spec"] as JsonObject)?["replicas"] is not { } value)
        {
            return 0;
        }

        if (value is not JsonValue number || !number.TryGetValue(out long replicas))
        {
            throw call.Http.Request.Method == "PATCH"
                ? ApiException.Invalid("", "", "", [FieldError.Invalid("patch", value.DeepClone(), "spec.replicas must be a number")])
                : ApiException.BadRequest("Scale in version \"v1\" cannot be handled as a Scale: spec.replicas must be a number");
        }

        return replicas >= 0
            ? replicas
            : throw ApiException.Invalid(
                call.Target.Resource, call.Target.Name!, [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
    }

    private static JsonObject ToScale(ServedResource resource, JsonObject source)
    {
        var metadata = new JsonObject();
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (source["metadata"]?[field] is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        var paths = resource.Scale!;
        var spec = new JsonObject();
        if (Number(source, paths.SpecReplicas) is > 0 and var wanted)
        {
            spec["replicas"] = wanted;
        }

        var status = new JsonObject { ["replicas"] = Number(source, paths.StatusReplicas) };
        if (paths.Selector is not null && SelectorText(Find(source, paths.Selector)) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject { ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = metadata, ["spec"] = spec, ["status"] = status };
    }

    private static string SelectorText(JsonNode? selector)
    {
        if (selector is JsonValue text)
        {
            return text.ToString();
        }

        var equal = (selector?["matchLabels"] as JsonObject ?? []).Select(pair => $"{pair.Key}={pair.Value}");
        var sets = (selector?["matchExpressions"] as JsonArray ?? []).OfType<JsonObject>().Select(term => term["operator"]?.ToString() switch
        {
            "In" => $"{term["key"]} in ({Values(term)})",
            "NotIn" => $"{term["key"]} notin ({Values(term)})",
            "DoesNotExist" => $"!{term["key"]}",
            _ => term["key"]?.ToString() ?? "",
        });
        return string.Join(",", equal.Concat(sets));
    }

    private static string Values(JsonObject term) => string.Join(",", (term["values"] as JsonArray ?? []).Select(value => value?.ToString()));

    private static long Number(JsonObject source, string path) => Find(source, path) is JsonValue value && value.TryGetValue(out long number) ? number : 0;

    private static JsonNode? Find(JsonObject source, string path) =>
        path.TrimStart('.').Split('.').Aggregate((JsonNode?)source, (node, field) => (node as JsonObject)?[field]);

    private static void SetReplicas(JsonObject target, string path, long replicas)
    {
        var fields = path.TrimStart('.').Split('.');
        var parent = target;
        foreach (var field in fields[..^1])
        {
            if (parent[field] is not JsonObject child)
            {
                parent[field] = child = [];
            }

            parent = child;
        }

        parent[fields[^1]] = replicas;
    }
}
