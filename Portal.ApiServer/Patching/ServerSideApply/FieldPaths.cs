using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>How a value at a place of an object takes part in ownership.</summary>
internal enum OwnershipShape
{
    /// <summary>Owned and replaced whole: scalars, atomic lists and maps, null.</summary>
    Leaf,

    /// <summary>An object whose fields are owned one by one.</summary>
    Map,

    /// <summary>A list whose items are owned one by one.</summary>
    List,
}

/// <summary>Steps of field paths, and how the schema divides an object into owned parts.</summary>
internal static class FieldPaths
{
    public static string Field(string name) => "f:" + name;

    public static string Value(JsonNode? value) => "v:" + (value?.ToJsonString(KubernetesJson.Options) ?? "null");

    public static string Key(JsonObject fields)
    {
        var ordered = new JsonObject();
        foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            ordered[name] = value?.DeepClone();
        }

        return "k:" + ordered.ToJsonString(KubernetesJson.Options);
    }

    /// <summary>Step of a list item; null when it has no key.</summary>
    public static string? Item(JsonNode? item, StructuralSchema list) => ListKeys.Of(item, list) is { } key
        ? (list.ListType == "map" ? "k:" : "v:") + key
        : null;

    /// <summary>
    /// Shape by the schema. Where there is none (preserved unknown fields), by the value: objects are maps, lists are atomic. Null takes any shape.
    /// </summary>
    public static OwnershipShape Shape(StructuralSchema? schema, JsonNode? value)
    {
        if (schema is null || schema.Type is null)
        {
            return value is JsonObject && schema?.AtomicMap != true ? OwnershipShape.Map : OwnershipShape.Leaf;
        }

        return schema.Type switch
        {
            "object" => schema.AtomicMap || value is JsonArray or JsonValue ? OwnershipShape.Leaf : OwnershipShape.Map,
            "array" => schema.ListType == "atomic" || value is JsonObject or JsonValue ? OwnershipShape.Leaf : OwnershipShape.List,
            _ => OwnershipShape.Leaf,
        };
    }

    /// <summary>Whether the path of a field stands for itself besides its content: keys of maps do, declared fields do not.</summary>
    public static bool IsMapKey(StructuralSchema? schema, string name) => schema?.Properties.ContainsKey(name) != true;

    public static bool IsEmpty(JsonNode? value) => value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };
}
