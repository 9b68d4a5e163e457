using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>
/// The way of <c>kubectl apply</c> users to server-side apply: what the annotation of client-side apply holds is kubectl's own, so <c>kubectl</c> does not
/// conflict with it, and the annotation is kept in step. Other managers are not touched by this.
/// </summary>
internal static class LastApplied
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const string Manager = "kubectl";
    private const int MaxLength = 256 * 1024;

    /// <summary>Fields the manager may take over although another owns them; empty but for kubectl.</summary>
    public static FieldSet Allowed(JsonObject? live, StructuralSchema schema, FieldWriter writer)
    {
        if (writer.Manager != Manager || writer.Subresource is not null || Text(live) is not { } text)
        {
            return FieldSet.Empty;
        }

        try
        {
            return ObjectJson.Parse(System.Text.Encoding.UTF8.GetBytes(text), []) is JsonObject applied
                ? FieldSetBuilder.Of(applied, schema)
                : FieldSet.Empty;
        }
        catch (JsonException)
        {
            // The annotation is free text to the server; one that is broken grants nothing.
            return FieldSet.Empty;
        }
    }

    /// <summary>Brings the annotation of <paramref name="merged"/> up to date when the live object has one.</summary>
    public static void Sync(JsonObject? live, JsonObject merged, JsonObject applied, FieldWriter writer)
    {
        if (writer.Manager != Manager || writer.Subresource is not null || Text(live) is null
            || merged["metadata"] is not JsonObject metadata || metadata["annotations"] is not JsonObject annotations)
        {
            return;
        }

        var copy = (JsonObject)applied.DeepClone();
        ((copy["metadata"] as JsonObject)?["annotations"] as JsonObject)?.Remove(Annotation);
        var text = copy.ToJsonString(KubernetesJson.Options) + "\n";
        if (text.Length <= MaxLength)
        {
            annotations[Annotation] = text;
        }
    }

    private static string? Text(JsonObject? source) =>
        ((source?["metadata"] as JsonObject)?["annotations"] as JsonObject)?[Annotation] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
