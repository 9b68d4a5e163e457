using System.Text;
using Portal.Operator.Manifests;
using Portal.Tests.Helm.Chart;
using Portal.Tests.Shared;

namespace Portal.Tests.Helm;

/// <summary>The bases for kustomize: what the chart makes of one release, without what only Helm understands, and with access rules of their own.</summary>
internal static class KustomizeFiles
{
    private const string Banner = "# Generated from helm/genkit-portal by ./build.sh generate. Do not edit.\n";
    private const string Bare = "crds: {install: false}\nrbac: {create: false, peopleRoles: false}\nserviceAccount: {create: false, name: genkit-portal}\n";

    private static readonly Lazy<IReadOnlyDictionary<string, string>> s_files = new(Render);

    /// <summary>Text by file name, relative to <c>helm</c>.</summary>
    public static IReadOnlyDictionary<string, string> RenderAll() => s_files.Value;

    private static Dictionary<string, string> Render()
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["crds/kustomization.yaml"] = ManifestWriter.RenderKustomization(ManifestWriter.RenderAll().Keys),
            ["rbac/kustomization.yaml"] = ManifestWriter.RenderKustomization(ManifestWriter.RenderRbac().Keys),
            ["webhooks/kustomization.yaml"] = ManifestWriter.RenderKustomization(ManifestWriter.RenderWebhooks().Keys),
            ["kustomize/rbac-namespaced/kustomization.yaml"] = ManifestWriter.RenderKustomization(ManifestWriter.RenderNamespacedRbac().Keys),
        };
        foreach (var (name, text) in ManifestWriter.RenderNamespacedRbac())
        {
            files[$"kustomize/rbac-namespaced/{name}"] = text;
        }

        AddBase(files, "portal", Bare);
        AddBase(files, "operator", Bare + "portal: {enabled: false}\nadmission: {webhook: {enabled: false}}\n");
        return files;
    }

    /// <summary>Lays out <c>helm</c> anew in another folder: what is generated from its source, not from the files of the last time.</summary>
    public static void WriteAll(string folder)
    {
        var overlays = Repository.Path("helm", "kustomize", "overlays");
        var files = Directory.EnumerateFiles(overlays, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.Combine("kustomize", "overlays", Path.GetRelativePath(overlays, file)), File.ReadAllText)
            .Concat(RenderAll())
            .Concat(ManifestWriter.RenderAll().Select(file => KeyValuePair.Create("crds/" + file.Key, file.Value)))
            .Concat(ManifestWriter.RenderRbac().Select(file => KeyValuePair.Create("rbac/" + file.Key, file.Value)))
            .Concat(ManifestWriter.RenderWebhooks().Select(file => KeyValuePair.Create("webhooks/" + file.Key, file.Value)));
        foreach (var (name, text) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }

    private static void AddBase(Dictionary<string, string> files, string name, string values)
    {
        var text = new StringBuilder(Banner);
        foreach (var item in HelmChart.Instance.Render(values).Where(item => !HasABase(item)))
        {
            Clean(item);
            text.Append("---\n").Append(ManifestYaml.Serialize(item));
        }

        files[$"kustomize/{name}/{name}.yaml"] = text.ToString();
        files[$"kustomize/{name}/kustomization.yaml"] = ManifestWriter.RenderKustomization([$"{name}.yaml"]);
    }

    private static bool HasABase(JsonObject item) => WebhookManifests.All.Values.SelectMany(items => items)
        .Any(known => (string)known["kind"]! == (string)item["kind"]! && (string)known["metadata"]!["name"]! == (string)item["metadata"]!["name"]!);

    // Whoever applies with kustomize has no release and no chart.
    private static void Clean(JsonNode? node)
    {
        if (node is JsonObject map)
        {
            foreach (var field in (string[])["helm.sh/chart", "helm.sh/resource-policy", "app.kubernetes.io/managed-by"])
            {
                map.Remove(field);
            }

            foreach (var (name, value) in map.ToList())
            {
                Clean(value);
                if (name == "annotations" && value is JsonObject { Count: 0 })
                {
                    map.Remove(name);
                }
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                Clean(item);
            }
        }
    }
}
