using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Operator.Reconciliation;

/// <summary>An object that may be a child. What is kept of it in a large store has no pod template and, for ConfigMaps of the operator, no file contents:
/// in their place there is a fingerprint of what the operator has applied.</summary>
internal sealed class Child : KubeObject
{
    private readonly Lazy<UInt128?> _applied;

    private Child(JsonObject json) : base(json) => _applied = new(() => AppliedFields.FingerprintOf(this, FieldManager.Operator.Name));

    /// <summary>See <see cref="AppliedFields"/>; null when the operator has applied nothing.</summary>
    public UInt128? Applied => _applied.Value;

    public static Child FromJson(JsonObject json) => new(json);

    protected override void Trim()
    {
        var isOurs = Applied is not null;
        (Json["spec"] as JsonObject)?.Remove("template");
        if (isOurs && Json["data"] is JsonObject data)
        {
            Json["data"] = new JsonObject(data.Select(file => KeyValuePair.Create<string, JsonNode?>(file.Key, "")));
        }
    }
}
