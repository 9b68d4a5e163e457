using System.Security.Cryptography;
using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>Makes pods from templates.</summary>
internal static class PodTemplate
{
    // Letters and digits that cannot form words, as Kubernetes uses for generated names.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Ten characters that stand for the template: equal templates, equal hash, whatever the order of their keys.</summary>
    public static string Hash(JsonObject template)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            WriteOrdered(writer, template);
        }

        var hash = SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length));
        return string.Create(10, hash, static (name, bytes) =>
        {
            for (var i = 0; i < name.Length; i++)
            {
                name[i] = Alphabet[bytes[i] % Alphabet.Length];
            }
        });
    }

    /// <summary>A new pod of <paramref name="deployment"/>, bound to this machine.</summary>
    /// <param name="deployment">The owner.</param>
    /// <param name="spec">Its spec.</param>
    /// <param name="hash">Hash of its template.</param>
    /// <param name="suffix">Makes the name unique.</param>
    public static KubeObject NewPod(KubeObject deployment, DeploymentSpec spec, string hash, string suffix)
    {
        var pod = NewPod(deployment, BuiltIn.Deployment, spec.Template, $"{hash}-{suffix}");
        pod.Metadata["labels"]![LocalNode.HashLabel] = hash;
        return pod;
    }

    /// <summary>A new pod from a template, bound to this machine.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="template">Its pod template.</param>
    /// <param name="suffix">Makes the name unique.</param>
    public static KubeObject NewPod(KubeObject owner, ResourceDefinition kind, JsonObject template, string suffix)
    {
        var metadata = template["metadata"] as JsonObject ?? [];
        var podSpec = (JsonObject?)template["spec"]?.DeepClone() ?? [];
        podSpec["nodeName"] = LocalNode.Name;
        var name = owner.Name.Length > 46 ? owner.Name[..46] : owner.Name;
        return new KubeObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{name}-{suffix}",
                ["namespace"] = owner.Namespace,
                ["labels"] = metadata["labels"]?.DeepClone() ?? new JsonObject(),
                ["annotations"] = metadata["annotations"]?.DeepClone() ?? new JsonObject(),
                ["ownerReferences"] = new JsonArray(Owner(owner, kind)),
            },
            ["spec"] = podSpec,
        });
    }

    /// <summary>The reference of a controller to what it makes.</summary>
    public static JsonObject Owner(KubeObject owner, ResourceDefinition kind) => new()
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    public static string NewSuffix() => RandomNumberGenerator.GetString(Alphabet, 5);

    private static void WriteOrdered(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject json:
                writer.WriteStartObject();
                foreach (var (name, value) in json.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    WriteOrdered(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    WriteOrdered(writer, item);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
