using System.Diagnostics.CodeAnalysis;
using Portal.Kubernetes.Serialization;

namespace Portal.Operator.Reconciliation;

/// <summary>Builds JSON of objects out of typed parts.</summary>
internal static class Json
{
    /// <summary>The part as it is written in an object; absent members stay absent.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static JsonNode? Of(object? value) => value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), KubernetesJson.Options)!;

    /// <summary>Adds those members that have a value.</summary>
    public static void SetAll(this JsonObject target, params IEnumerable<(string Name, object? Value)> members)
    {
        foreach (var (name, value) in members.Where(member => member.Value is not null))
        {
            target[name] = Of(value);
        }
    }

    /// <summary><paramref name="defaults"/> with what <paramref name="given"/> says; a list or object that is given replaces the whole.</summary>
    public static JsonObject Overridden(JsonObject defaults, object? given)
    {
        foreach (var (name, value) in Of(given) as JsonObject ?? [])
        {
            defaults[name] = value?.DeepClone();
        }

        return defaults;
    }
}
