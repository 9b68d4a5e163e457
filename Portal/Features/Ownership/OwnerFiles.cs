using Portal.Components.Code;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Ownership;

/// <summary>What to put into a repository instead of writing to the cluster: the whole manifest, or a patch with only what changes.</summary>
/// <param name="FileName">Such as <c>greeting.prompt.yaml</c>.</param>
/// <param name="Manifest">YAML, without what the cluster and its tools add.</param>
/// <param name="Patch">YAML for kustomize, or for <c>kubectl patch --type merge --patch-file</c>.</param>
public sealed record OwnerFiles(string FileName, string Manifest, string Patch)
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private static readonly string[] s_ofTools = ["argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "meta.helm.sh/", "genkit.dev/"];

    /// <param name="live">The object as it is in the cluster.</param>
    /// <param name="spec">What its spec shall be.</param>
    public static OwnerFiles Of(KubeObject live, JsonObject spec)
    {
        var before = live.Json["spec"] as JsonObject ?? [];
        var changed = new JsonObject(spec.Where(field => !JsonNode.DeepEquals(field.Value, before[field.Key])).Select(Copy)
            .Concat(before.Where(field => !spec.ContainsKey(field.Key)).Select(field => KeyValuePair.Create(field.Key, (JsonNode?)null))));
        return new OwnerFiles(
            $"{live.Name}.{live.Kind.ToLowerInvariant()}.yaml",
            ObjectYaml.Write(Document(live, MetadataOf(live), (JsonObject)spec.DeepClone())),
            ObjectYaml.Write(Document(live, new JsonObject { ["name"] = live.Name, ["namespace"] = live.Namespace }, changed)));
    }

    private static JsonObject Document(KubeObject live, JsonObject metadata, JsonObject spec) =>
        new() { ["apiVersion"] = live.ApiVersion, ["kind"] = live.Kind, ["metadata"] = metadata, ["spec"] = spec };

    private static JsonObject MetadataOf(KubeObject live)
    {
        var metadata = new JsonObject { ["name"] = live.Name, ["namespace"] = live.Namespace };
        AddOwn(metadata, "labels", live.Labels.Where(label => label.Key != "app.kubernetes.io/managed-by"));
        AddOwn(metadata, "annotations", live.Annotations.Where(annotation => annotation.Key != LastApplied));
        return metadata;
    }

    private static void AddOwn(JsonObject metadata, string name, IEnumerable<KeyValuePair<string, string>> values)
    {
        var own = new JsonObject(values.Where(pair => !Array.Exists(s_ofTools, prefix => pair.Key.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        if (own.Count > 0)
        {
            metadata[name] = own;
        }
    }

    private static KeyValuePair<string, JsonNode?> Copy(KeyValuePair<string, JsonNode?> field) => KeyValuePair.Create(field.Key, field.Value?.DeepClone());
}
