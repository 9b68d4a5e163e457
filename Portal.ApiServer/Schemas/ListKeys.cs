using System.Text;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Schemas;

/// <summary>What identifies an item of a <c>map</c> or <c>set</c> list, as canonical JSON text.</summary>
internal static class ListKeys
{
    /// <summary>
    /// Key of an item: <c>{"name":"x"}</c> with key fields in ordinal order and defaults filled in, or the value itself in a set.
    /// Null when a key field without default is absent from a map item, or the item is no object.
    /// </summary>
    public static string? Of(JsonNode? item, StructuralSchema list)
    {
        if (list.ListType != "map")
        {
            return item is null ? "null" : item.ToJsonString(KubernetesJson.Options);
        }

        if (item is not JsonObject fields)
        {
            return null;
        }

        var key = new StringBuilder("{");
        foreach (var (name, json, @default) in list.KeyFields)
        {
            if ((fields[name] ?? @default) is not { } value)
            {
                return null;
            }

            key.Append(key.Length == 1 ? "" : ",").Append(json).Append(':').Append(value.ToJsonString(KubernetesJson.Options));
        }

        return key.Append('}').ToString();
    }

    /// <summary>Items by key; the first of several wins, items without a key are left out.</summary>
    public static Dictionary<string, JsonNode?> Index(JsonArray list, StructuralSchema schema)
    {
        var index = new Dictionary<string, JsonNode?>(list.Count, StringComparer.Ordinal);
        foreach (var item in list)
        {
            if (Of(item, schema) is { } key)
            {
                index.TryAdd(key, item);
            }
        }

        return index;
    }
}
