using System.Security.Cryptography;
using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.OpenApi;

/// <summary>One served resource as OpenAPI needs it.</summary>
internal sealed record OpenApiResource
{
    public required ResourceDefinition Definition { get; init; }
    public required StructuralSchema Schema { get; init; }
    public required string ListKind { get; init; }
    public bool HasStatus { get; init; }
    public bool HasScale { get; init; }

    /// <summary>Whether the component is named as a kind of Kubernetes itself.</summary>
    public bool BuiltIn { get; init; }
}

/// <summary>
/// OpenAPI v3 as kubectl reads it: an index and one document a group version. Strategic merge patches are not advertised: kubectl would then compute
/// them from these schemas instead of its own.
/// </summary>
internal static class OpenApiDocuments
{
    private const string MetaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string ObjectMetaName = MetaPrefix + "ObjectMeta";

    /// <summary>Key of a group version in the index: <c>api/v1</c> or <c>apis/group/version</c>; the document is at <c>/openapi/v3/KEY</c>.</summary>
    public static string Key(string group, string version) => group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";

    /// <summary>Body of <c>/openapi/v3</c>: key → document bytes, whose hash goes into the URL.</summary>
    public static JsonObject Index(IEnumerable<KeyValuePair<string, byte[]>> documents)
    {
        var paths = new JsonObject();
        foreach (var (key, document) in documents.OrderBy(document => document.Key, StringComparer.Ordinal))
        {
            paths[key] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{key}?hash={Convert.ToHexString(SHA512.HashData(document))}" };
        }

        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>The document of one group version as UTF-8 JSON; the same resources give the same bytes.</summary>
    public static byte[] Document(string group, string version, IEnumerable<OpenApiResource> resources)
    {
        var paths = new JsonObject();
        var schemas = new JsonObject();
        var types = new OpenApiTypes(schemas, MetaPrefix, group.Length == 0 ? "io.k8s.api.core.v1." : $"io.k8s.api.{group.Split('.')[0]}.{version}.");
        schemas[ObjectMetaName] = types.Shared(BuiltInSchemas.ObjectMeta.Source);
        foreach (var resource in resources.OrderBy(resource => resource.Definition.Plural, StringComparer.Ordinal))
        {
            schemas[ComponentName(resource, resource.Definition.Kind)] = Component(resource, types);
            schemas[ComponentName(resource, resource.ListKind)] = List(resource);
            OpenApiPaths.Add(paths, resource, Reference(resource, resource.Definition.Kind), Reference(resource, resource.ListKind));
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = Key(group, version) },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
        return JsonSerializer.SerializeToUtf8Bytes(document, KubernetesJson.Options);
    }

    /// <summary>Component names are reversed domains: <c>org.example.v1.Widget</c>, <c>io.k8s.api.apps.v1.Deployment</c>.</summary>
    private static string ComponentName(OpenApiResource resource, string kind)
    {
        var (group, version) = (resource.Definition.Group, resource.Definition.Version);
        var prefix = resource.BuiltIn
            ? $"io.k8s.api.{(group.Length == 0 ? "core" : group.Split('.')[0])}"
            : string.Join('.', group.Split('.').Reverse());
        return $"{prefix}.{version}.{kind}";
    }

    private static JsonObject Reference(OpenApiResource resource, string kind) =>
        new() { ["$ref"] = "#/components/schemas/" + ComponentName(resource, kind) };

    private static JsonObject Component(OpenApiResource resource, OpenApiTypes types)
    {
        var schema = types.Shared(resource.Schema.Source);
        if (schema["properties"] is JsonObject properties && properties["metadata"] is JsonObject metadata)
        {
            properties["metadata"] = new JsonObject
            {
                ["description"] = metadata["description"]?.ToString() is { Length: > 0 } text ? text : "Standard metadata of an object.",
                ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/components/schemas/" + ObjectMetaName }),
            };
        }

        schema["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiPaths.GroupVersionKind(resource.Definition, resource.Definition.Kind));
        return schema;
    }

    private static JsonObject List(OpenApiResource resource) => new()
    {
        ["type"] = "object",
        ["description"] = $"A list of {resource.Definition.Kind} objects.",
        ["required"] = new JsonArray("items"),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = BuiltInSchemas.ApiVersion(),
            ["kind"] = BuiltInSchemas.Kind(),
            ["metadata"] = new JsonObject { ["type"] = "object", ["description"] = "Metadata of the list." },
            ["items"] = new JsonObject
            {
                ["type"] = "array",
                ["description"] = "The objects.",
                ["items"] = Reference(resource, resource.Definition.Kind),
            },
        },
        ["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiPaths.GroupVersionKind(resource.Definition, resource.ListKind)),
    };
}
