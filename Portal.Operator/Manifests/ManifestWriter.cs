namespace Portal.Operator.Manifests;

/// <summary>Writes the generated manifests as the YAML files of the chart.</summary>
public static class ManifestWriter
{
    private const string Banner = "# Generated from the kinds in Portal.Operator by ./build.sh generate. Do not edit.\n";

    /// <summary>File name below the directory, and text, of every manifest.</summary>
    public static IReadOnlyDictionary<string, string> RenderAll() => CrdManifests.All.ToDictionary(
        crd => $"{(string?)crd["spec"]!["group"]}_{(string?)crd["spec"]!["names"]!["plural"]}.yaml",
        crd => Banner + ManifestYaml.Serialize(crd),
        StringComparer.Ordinal);

    /// <summary>File name below <c>helm/rbac</c>, and text, of the access rules.</summary>
    public static IReadOnlyDictionary<string, string> RenderRbac() => RbacManifests.All.ToDictionary(
        file => file.Key,
        file => Banner + string.Join("---\n", file.Value.Select(ManifestYaml.Serialize)),
        StringComparer.Ordinal);

    /// <summary>File name below <c>helm/kustomize/rbac-namespaced</c>, and text, of the access rules for one namespace.</summary>
    public static IReadOnlyDictionary<string, string> RenderNamespacedRbac() => RbacManifests.Namespaced.ToDictionary(
        file => file.Key,
        file => Banner + string.Join("---\n", file.Value.Select(ManifestYaml.Serialize)),
        StringComparer.Ordinal);

    /// <summary>A <c>kustomization.yaml</c> of these files.</summary>
    public static string RenderKustomization(IEnumerable<string> files) => Banner + ManifestYaml.Serialize(new JsonObject
    {
        ["apiVersion"] = "kustomize.config.k8s.io/v1beta1",
        ["kind"] = "Kustomization",
        ["resources"] = new JsonArray([.. files.Order(StringComparer.Ordinal).Select(file => (JsonNode)file)]),
    });

    /// <summary>File name below <c>helm/webhooks</c>, and text, of what leads the API server to the admission webhook.</summary>
    public static IReadOnlyDictionary<string, string> RenderWebhooks() => WebhookManifests.All.ToDictionary(
        file => file.Key,
        file => Banner + string.Join("---\n", file.Value.Select(ManifestYaml.Serialize)),
        StringComparer.Ordinal);

    /// <summary>Replaces the files in <paramref name="directory"/>, which is made when missing.</summary>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static void WriteAll(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var (name, text) in RenderAll())
        {
            File.WriteAllText(Path.Combine(directory, name), text);
        }
    }
}
