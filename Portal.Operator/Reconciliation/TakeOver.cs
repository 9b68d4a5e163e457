using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Operator.Reconciliation;

/// <summary>
/// Lets an owner adopt objects that bear the names of its children and belong to nobody, when it is labelled for that: after a restore without owner
/// references, say. What another object controls is never taken.
/// </summary>
internal static class TakeOver
{
    private const string Metadata = "f:metadata";

    private static readonly WriteOptions s_options = new() { Manager = FieldManager.Operator };

    public static bool IsAsked(KubeObject owner, KubeObject existing) =>
        owner.Labels.GetValueOrDefault(GenkitApi.TakeOverLabel) == "true" && existing is { ControllerOwner: null, DeletionTimestamp: null };

    /// <summary>
    /// Makes the operator the applier of all that an object says beside metadata and status. The apply that follows then removes what it does not say
    /// itself, where forcing alone would only add to it. Labels and annotations of others stay.
    /// </summary>
    public static async Task ClaimAsync(KubeClient client, ResourceDefinition definition, KubeObject existing, CancellationToken cancellationToken)
    {
        var (fields, others) = (new JsonObject(), new JsonArray());
        foreach (var entry in (existing.Metadata["managedFields"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var isOurs = (string?)entry["manager"] == FieldManager.Operator.Name && (string?)entry["operation"] == "Apply";
            if (entry["subresource"] is not null || entry["fieldsV1"] is not JsonObject owned)
            {
                others.Add(entry.DeepClone());
                continue;
            }

            Add(fields, owned.Where(field => isOurs || field.Key != Metadata));
            if (!isOurs && owned[Metadata] is { } metadata)
            {
                var rest = (JsonObject)entry.DeepClone();
                rest["fieldsV1"] = new JsonObject { [Metadata] = metadata.DeepClone() };
                others.Add(rest);
            }
        }

        others.Add(new JsonObject
        {
            ["manager"] = FieldManager.Operator.Name,
            ["operation"] = "Apply",
            ["apiVersion"] = definition.ApiVersion,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = fields,
        });
        var claim = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = existing.ResourceVersion, ["managedFields"] = others } };
        await client.Resource(definition).MergePatchAsync(existing.Namespace, existing.Name, claim, subresource: null, s_options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The union of sets of fields, which are objects of objects.</summary>
    private static void Add(JsonObject fields, IEnumerable<KeyValuePair<string, JsonNode?>> more)
    {
        foreach (var (name, inner) in more)
        {
            if (fields[name] is not JsonObject known)
            {
                fields[name] = inner?.DeepClone();
            }
            else if (inner is JsonObject members)
            {
                Add(known, members);
            }
        }
    }
}
