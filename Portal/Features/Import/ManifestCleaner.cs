using Portal.Features.Releases;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;

namespace Portal.Features.Import;

/// <summary>Makes a manifest fit for another cluster, and writes older spellings as what they mean. Says every change.</summary>
internal static class ManifestCleaner
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>Members of metadata that are kept.</summary>
    private static readonly string[] s_kept = ["name", "namespace", "labels", "annotations"];

    /// <summary>What tools mark their objects with begins so: Argo CD, Flux, Helm. A copy is not theirs.</summary>
    private static readonly string[] s_marks = ["argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "meta.helm.sh/"];

    /// <param name="manifest">Of a kind of the group; changed in place.</param>
    /// <param name="namespace">Where it goes.</param>
    public static IReadOnlyList<ImportChange> Clean(JsonObject manifest, string @namespace)
    {
        var changes = new List<ImportChange>();
        if (manifest.Remove("status"))
        {
            changes.Add(new("status", "left out: the operator writes it anew"));
        }

        var metadata = (JsonObject)manifest["metadata"]!;
        foreach (var name in metadata.Select(member => member.Key).Except(s_kept).ToList())
        {
            metadata.Remove(name);
            changes.Add(new($"metadata.{name}", "left out: it belongs to the cluster the manifest comes from"));
        }

        if (metadata["annotations"] is JsonObject annotations && annotations.Remove(LastApplied))
        {
            changes.Add(new($"metadata.annotations[{LastApplied}]", "left out: it is a copy of the manifest"));
        }

        foreach (var name in ReleaseAnnotations.All.Where(name => (metadata["annotations"] as JsonObject)?.Remove(name) == true))
        {
            changes.Add(new($"metadata.annotations[{name}]", "left out: it tells of a release, which an import is not"));
        }

        foreach (var map in new[] { "labels", "annotations" })
        {
            changes.AddRange(Unmark(metadata, map));
        }

        if (metadata["namespace"]?.ToString() is { Length: > 0 } other && other != @namespace)
        {
            changes.Add(new("metadata.namespace", $"\"{other}\" becomes \"{@namespace}\", which was chosen for the import"));
        }

        metadata["namespace"] = @namespace;
        if (manifest["spec"] is JsonObject spec)
        {
            changes.AddRange(manifest["kind"]!.ToString() switch
            {
                var kind when kind == Flow.Definition.Kind => Respell(spec, "spec"),
                var kind when kind == FlowSet.Definition.Kind => ((spec["flows"] as JsonArray) ?? [])
                    .SelectMany((flow, index) => flow is JsonObject parts ? Respell(parts, $"spec.flows[{index}]") : []),
                _ => [],
            });
        }

        return changes;
    }

    private static IEnumerable<ImportChange> Unmark(JsonObject metadata, string map)
    {
        foreach (var name in (metadata[map] as JsonObject ?? []).Select(member => member.Key).Where(name => s_marks.Any(mark => name.StartsWith(mark, StringComparison.Ordinal))).ToList())
        {
            metadata[map]!.AsObject().Remove(name);
            yield return new($"metadata.{map}[{name}]", "left out: it says that a tool keeps the object, which is not so of a copy");
        }
    }

    /// <summary>Writes the prompts and tools of a flow in the one way the documentation shows.</summary>
    private static List<ImportChange> Respell(JsonObject parts, string path)
    {
        var changes = new List<ImportChange>();
        foreach (var (entry, index) in (parts["prompts"] as JsonArray ?? []).Select((entry, index) => (entry as JsonObject, index)))
        {
            if (entry?["name"] is JsonValue name && entry["promptRef"] is null && entry["prompt"] is null)
            {
                entry.Remove("name");
                entry["promptRef"] = new JsonObject { ["name"] = name.DeepClone() };
                changes.Add(new($"{path}.prompts[{index}].name", $"written as promptRef: {{name: {name}}}, which it means"));
            }
        }

        Append("promptRefs", "prompts", reference => new JsonObject { ["promptRef"] = reference });
        Append("toolRefs", "tools", reference => (JsonObject)reference);
        return changes;

        void Append(string alias, string canonical, Func<JsonNode, JsonObject> entryOf)
        {
            if (parts[alias] is not JsonArray references || references.Any(reference => reference is not JsonObject) || parts[canonical] is not (null or JsonArray))
            {
                return;
            }

            parts.Remove(alias);
            var target = parts[canonical] as JsonArray ?? [];
            foreach (var entry in references.Select(reference => entryOf(reference!.DeepClone().AsObject())).Where(entry => !target.Any(known => JsonNode.DeepEquals(known, entry))))
            {
                target.Add(entry);
            }

            parts[canonical] = target;
            changes.Add(new($"{path}.{alias}", $"written into {canonical}, which it means"));
        }
    }

    /// <summary>Whether an operator made the object for one of its own.</summary>
    public static bool IsChild(JsonObject manifest) =>
        (manifest["metadata"] as JsonObject)?["labels"] is JsonObject labels && labels[GenkitApi.ManagedByLabel]?.ToString() == GenkitApi.ManagedByValue;
}
