using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace Portal.Kubernetes.Serialization;

/// <summary>The one set of JSON options for Kubernetes objects: camelCase names, absent rather than null, enums as written.</summary>
public static class KubernetesJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,

        // Deeper than what the client takes in, so that whatever was read can be given its type.
        MaxDepth = 300,
        Converters = { new JsonStringEnumConverter() },
    };
}
