using Portal.Kubernetes.Objects;

namespace Portal.Operator.Reconciliation;

/// <summary>
/// The fields of an object that one manager has applied and nobody has taken over since, with the values they have now: what the object looks like
/// as far as the manager is concerned. Read from <c>metadata.managedFields</c>
/// (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management).
/// </summary>
internal static class AppliedFields
{
    private static readonly string[] s_identity = ["apiVersion", "kind"];
    private static readonly string[] s_name = ["name", "namespace"];

    /// <summary>Of what the object has; null when the manager has applied nothing.</summary>
    public static UInt128? FingerprintOf(KubeObject live, string manager)
    {
        var entry = (live.Metadata["managedFields"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(entry =>
            (string?)entry["manager"] == manager && (string?)entry["operation"] == "Apply" && entry["subresource"] is null);
        return entry?["fieldsV1"] is JsonObject fields ? Fingerprint.Of(Map(live.Json, fields)) : null;
    }

    /// <summary>Of what is to be applied: equal to that of the object when applying would change nothing.</summary>
    public static UInt128 FingerprintOf(KubeObject desired)
    {
        var metadata = desired.Metadata.Where(item => !s_name.Contains(item.Key));
        var content = desired.Json.Where(item => item.Key != "metadata" && !s_identity.Contains(item.Key));
        return Fingerprint.Of(new JsonObject(content.Append(KeyValuePair.Create<string, JsonNode?>("metadata", new JsonObject(metadata.Select(Copy)))).Select(Copy)));
    }

    private static KeyValuePair<string, JsonNode?> Copy(KeyValuePair<string, JsonNode?> item) => KeyValuePair.Create(item.Key, item.Value?.DeepClone());

    private static JsonNode? Extract(JsonNode? value, JsonObject fields) => (value, fields.Count) switch
    {
        (_, 0) => value?.DeepClone(),
        (JsonObject map, _) => Map(map, fields),
        (JsonArray list, _) => List(list, fields),
        _ => value?.DeepClone(),
    };

    /// <summary>Members are <c>f:name</c>; <c>.</c> stands for the map itself.</summary>
    private static JsonObject Map(JsonObject value, JsonObject fields)
    {
        var extracted = new JsonObject();
        foreach (var (path, inner) in fields)
        {
            if (path.StartsWith("f:", StringComparison.Ordinal) && value.TryGetPropertyValue(path[2..], out var member))
            {
                extracted[path[2..]] = Extract(member, inner as JsonObject ?? []);
            }
        }

        return extracted;
    }

    /// <summary>Items are <c>k:{key fields}</c> or <c>v:value</c>; those of others are left out.</summary>
    private static JsonArray List(JsonArray value, JsonObject fields)
    {
        var (keys, values) = (new List<(JsonObject Key, JsonObject Fields)>(), new List<JsonNode?>());
        foreach (var (path, inner) in fields)
        {
            if (path.StartsWith("k:", StringComparison.Ordinal))
            {
                keys.Add((JsonNode.Parse(path[2..])!.AsObject(), inner as JsonObject ?? []));
            }
            else if (path.StartsWith("v:", StringComparison.Ordinal))
            {
                values.Add(JsonNode.Parse(path[2..]));
            }
        }

        var extracted = new JsonArray();
        foreach (var item in value)
        {
            var owned = item is JsonObject map ? keys.Find(entry => entry.Key.All(field => JsonNode.DeepEquals(field.Value, map[field.Key]))).Fields : null;
            if (owned is not null)
            {
                extracted.Add(Extract(item, owned));
            }
            else if (values.Exists(known => JsonNode.DeepEquals(known, item)))
            {
                extracted.Add(item?.DeepClone());
            }
        }

        return extracted;
    }
}
