using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Operator.Reconciliation;

/// <summary>
/// What the operator keeps of an object that may be a child: all but <c>managedFields</c>, the pod template, and file contents of its own ConfigMaps,
/// of which only the names stay. In their place there is a fingerprint of what the operator has applied.
/// </summary>
internal sealed class Child : KubeObject
{
    private Child(JsonObject json, UInt128? applied) : base(json) => Applied = applied;

    /// <summary>See <see cref="AppliedFields"/>; null when the operator has applied nothing.</summary>
    public UInt128? Applied { get; }

    public static Child FromJson(JsonObject json)
    {
        var applied = AppliedFields.FingerprintOf(new KubeObject(json), FieldManager.Operator.Name);
        return new Child(Kept(json, applied is not null), applied);
    }

    private static JsonObject Kept(JsonObject json, bool isOurs)
    {
        (json["metadata"] as JsonObject)?.Remove("managedFields");
        (json["spec"] as JsonObject)?.Remove("template");
        if (isOurs && json["data"] is JsonObject data)
        {
            json["data"] = new JsonObject(data.Select(file => KeyValuePair.Create<string, JsonNode?>(file.Key, "")));
        }

        return json;
    }
}
