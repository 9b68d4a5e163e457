using System.Text;

namespace Portal.Operator.Manifests;

/// <summary>
/// Templates of the chart that follow from the kinds: definitions, roles for people, and the access rules of the service account as named templates.
/// </summary>
public static class ChartTemplates
{
    private const string Banner = "{{- /* Generated from the kinds in Portal.Operator by ./build.sh generate. Do not edit. */}}\n";
    private const string Labels = "  labels:\n    {{- include \"genkit-portal.labels\" . | nindent 4 }}\n";
    private const string PartOf = "  labels:\n    app.kubernetes.io/part-of: genkit-portal\n";

    /// <summary>File name below <c>helm/genkit-portal/templates</c>, and text.</summary>
    public static IReadOnlyDictionary<string, string> RenderAll()
    {
        var files = CrdManifests.All.ToDictionary(crd => $"crds/{(string)crd["spec"]!["names"]!["plural"]!}.yaml", Definition, StringComparer.Ordinal);
        files["people-roles.yaml"] = PeopleRoles();
        files["_rules.tpl"] = Rules();
        return files;
    }

    // In templates/ rather than crds/, which Helm installs once and never again upgrades. Kept when the release goes, as the objects would go with them.
    private static string Definition(JsonObject crd)
    {
        var yaml = Escape(ManifestYaml.Serialize(crd));
        var name = $"  name: {(string)crd["metadata"]!["name"]!}\n";
        const string Keep = "  {{- if .Values.crds.keep }}\n  annotations:\n    helm.sh/resource-policy: keep\n  {{- end }}\n";
        return Banner + "{{- if .Values.crds.install }}\n" + yaml.Replace(name, name + Labels + Keep, StringComparison.Ordinal) + "{{- end }}\n";
    }

    private static string PeopleRoles()
    {
        var roles = RbacManifests.All.Where(file => file.Key.EndsWith("_roles.yaml", StringComparison.Ordinal))
            .OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => file.Value);
        var text = new StringBuilder(Banner).Append("{{- if .Values.rbac.peopleRoles }}\n");
        foreach (var role in roles)
        {
            text.Append("---\n").Append(Escape(ManifestYaml.Serialize(role))
                .Replace("  name: genkit-", "  name: {{ include \"genkit-portal.fullname\" . }}-", StringComparison.Ordinal)
                .Replace(PartOf, Labels, StringComparison.Ordinal));
        }

        return text.Append("{{- end }}\n").ToString();
    }

    private static string Rules()
    {
        var text = new StringBuilder(Banner);
        foreach (var (name, rules) in RbacManifests.Rules.OrderBy(rules => rules.Key, StringComparer.Ordinal))
        {
            text.Append("{{- define \"genkit-portal.rules.").Append(name).Append("\" -}}\n")
                .Append(Escape(ManifestYaml.Serialize(new JsonArray([.. rules])))).Append("{{- end }}\n");
        }

        var webhook = WebhookManifests.All["validating.yaml"][0]["webhooks"]![0]!;
        return text.Append("{{- define \"genkit-portal.webhook.rules\" -}}\n").Append(ManifestYaml.Serialize(webhook["rules"]!)).Append("{{- end }}\n").ToString();
    }

    // Descriptions may show Handlebars, which has the braces of a template too.
    private static string Escape(string yaml) => yaml.Replace("{{", "{{ \"{{\" }}", StringComparison.Ordinal);
}
