using System.Security.Cryptography;
using System.Text;
using Portal.Kubernetes.Objects;

namespace Portal.Operator.Reconciliation;

/// <summary>What the operator keeps of a Secret: its keys, each with a digest in place of the value, which is enough to notice a change.</summary>
internal sealed class SecretKeys : KubeObject, IKubeKind<SecretKeys>
{
    private SecretKeys(JsonObject json) : base(json)
    {
    }

    public static ResourceDefinition Definition => BuiltIn.Secret;

    public static SecretKeys FromJson(JsonObject json)
    {
        var metadata = json["metadata"] as JsonObject;
        metadata?.Remove("managedFields");

        // kubectl leaves a copy of all it has applied there.
        (metadata?["annotations"] as JsonObject)?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        if (json["data"] is JsonObject data)
        {
            json["data"] = new JsonObject(data.Select(item => KeyValuePair.Create<string, JsonNode?>(item.Key, Digest(item.Value?.ToString() ?? ""))));
        }

        // A copy, so that what is left out is not held in memory by what is kept.
        return new SecretKeys(JsonNode.Parse(json.ToJsonString())!.AsObject());
    }

    /// <summary>Nothing stays nothing: a key without a value is as good as none.</summary>
    private static string Digest(string base64) => base64.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(base64)));
}
