using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Releases;

/// <summary>
/// Makes the portal the one owner of a spec's fields, so that an apply sets exactly what it says: server-side apply leaves alone what others wrote and it does not name.
/// The same way kubectl moves its own fields from update to apply (client-go's csaupgrade). What came through a subresource, as an autoscaler's replicas, stays.
/// </summary>
internal static class FieldTakeover
{
    private const string Spec = "f:spec";

    /// <summary>The managedFields to write; null when nobody else owns a field of the spec.</summary>
    public static JsonArray? Of(KubeObject live)
    {
        var entries = (live.Metadata["managedFields"] as JsonArray ?? []).OfType<JsonObject>().Select(entry => (JsonObject)entry.DeepClone()).ToList();
        var foreign = entries.Where(entry => !IsOurs(entry) && string.IsNullOrEmpty(entry["subresource"]?.ToString()) && FieldsOf(entry)?[Spec] is JsonObject).ToList();
        if (foreign.Count == 0)
        {
            return null;
        }

        var ours = entries.Find(IsOurs);
        if (ours is null)
        {
            ours = new JsonObject
            {
                ["manager"] = FieldManager.Portal.Name,
                ["operation"] = "Apply",
                ["apiVersion"] = live.ApiVersion,
                ["time"] = foreign[0]["time"]?.DeepClone(),
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = new JsonObject(),
            };
            entries.Add(ours);
        }

        var fields = FieldsOf(ours)!;
        foreach (var entry in foreign)
        {
            var theirs = FieldsOf(entry)!;
            Merge(fields, new JsonObject { [Spec] = theirs[Spec]!.DeepClone() });
            theirs.Remove(Spec);
        }

        return new JsonArray([.. entries.Where(entry => FieldsOf(entry) is { Count: > 0 })]);
    }

    private static bool IsOurs(JsonObject entry) =>
        entry["manager"]?.ToString() == FieldManager.Portal.Name && entry["operation"]?.ToString() == "Apply" && string.IsNullOrEmpty(entry["subresource"]?.ToString());

    private static JsonObject? FieldsOf(JsonObject entry) => entry["fieldsV1"] as JsonObject;

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (into[name] is JsonObject known && value is JsonObject more)
            {
                Merge(known, more);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }
}
