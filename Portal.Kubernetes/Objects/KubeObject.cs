using Portal.Kubernetes.Serialization;

namespace Portal.Kubernetes.Objects;

/// <summary>
/// A Kubernetes object as JSON with typed access to its metadata. The JSON is the truth: fields this code does not know survive a round trip.
/// Objects taken from a store are shared: treat them as read-only and change a <see cref="DeepClone"/>.
/// </summary>
public class KubeObject(JsonObject json)
{
    public JsonObject Json { get; } = json;

    public string ApiVersion => Text(Json, "apiVersion") ?? "";
    public string Kind => Text(Json, "kind") ?? "";

    /// <summary>The metadata object; an empty detached one when the JSON has none.</summary>
    public JsonObject Metadata => Json["metadata"] as JsonObject ?? [];

    public string Name => Text(Metadata, "name") ?? "";
    public string? Namespace => Text(Metadata, "namespace");
    public string Uid => Text(Metadata, "uid") ?? "";
    public string ResourceVersion => Text(Metadata, "resourceVersion") ?? "";
    public long Generation => Metadata["generation"] is JsonValue value && value.TryGetValue(out long generation) ? generation : 0;
    public DateTimeOffset? CreationTimestamp => Time("creationTimestamp");
    public DateTimeOffset? DeletionTimestamp => Time("deletionTimestamp");
    public IReadOnlyDictionary<string, string> Labels => Map("labels");
    public IReadOnlyDictionary<string, string> Annotations => Map("annotations");

    public IReadOnlyList<string> Finalizers =>
        Metadata["finalizers"] is JsonArray list ? [.. list.Select(item => item?.GetValue<string>() ?? "")] : [];

    public IReadOnlyList<OwnerReference> OwnerReferences =>
        Metadata["ownerReferences"]?.Deserialize<List<OwnerReference>>(KubernetesJson.Options) ?? [];

    /// <summary>The owner marked <c>controller: true</c>, or null.</summary>
    public OwnerReference? ControllerOwner => OwnerReferences.FirstOrDefault(owner => owner.Controller == true);

    /// <summary>Conditions under <c>status.conditions</c>; empty when there are none.</summary>
    public IReadOnlyList<Condition> Conditions =>
        (Json["status"] as JsonObject)?["conditions"]?.Deserialize<List<Condition>>(KubernetesJson.Options) ?? [];

    public Condition? FindCondition(string type) => Conditions.FirstOrDefault(condition => condition.Type == type);

    public KubeObject DeepClone() => new((JsonObject)Json.DeepClone());

    private static string? Text(JsonObject json, string key) =>
        json[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private DateTimeOffset? Time(string key) =>
        DateTimeOffset.TryParse(Text(Metadata, key), System.Globalization.CultureInfo.InvariantCulture, out var time) ? time : null;

    private Dictionary<string, string> Map(string key)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Metadata[key] as JsonObject ?? [])
        {
            map[name] = value?.ToString() ?? "";
        }

        return map;
    }
}
