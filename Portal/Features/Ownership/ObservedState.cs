using System.Security.Cryptography;
using System.Text;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Ownership;

/// <summary>What of an object people and programs decide: its spec, labels and annotations. Status and bookkeeping are not part of it.</summary>
internal static class ObservedState
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static string HashOf(KubeObject item)
    {
        var text = new StringBuilder();
        Write(text, item.Json["spec"]);
        Write(text, item.Metadata["labels"]);
        foreach (var (name, value) in item.Annotations.Where(pair => pair.Key != LastApplied).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(JsonSerializer.Serialize(name)).Append(JsonSerializer.Serialize(value));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Whether only its status and bookkeeping differ, without looking deep.</summary>
    public static bool IsSame(KubeObject before, KubeObject after) =>
        before.Uid == after.Uid && before.Generation == after.Generation && before.Generation > 0
        && JsonNode.DeepEquals(before.Metadata["labels"], after.Metadata["labels"])
        && JsonNode.DeepEquals(before.Metadata["annotations"], after.Metadata["annotations"]);

    // Members in the order of their names: the order they were written in means nothing.
    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                text.Append('{');
                foreach (var (name, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    text.Append(JsonSerializer.Serialize(name)).Append(':');
                    Write(text, value);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                foreach (var value in list)
                {
                    Write(text, value);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }
}
