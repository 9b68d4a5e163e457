using System.Text.RegularExpressions;
using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Selectors;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>What group, names and versions of a CustomResourceDefinition may be called: they become paths and words on command lines.</summary>
internal static partial class CrdNames
{
    private const string Approval = "api-approved.kubernetes.io";
    private const string LabelRule =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character "
        + "(e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    public static IEnumerable<FieldError> Problems(JsonObject crd)
    {
        var spec = crd["spec"] as JsonObject ?? [];
        var names = spec["names"] as JsonObject ?? [];
        return Group(spec["group"]?.ToString() ?? "", crd["metadata"]?["annotations"]?[Approval]?.ToString() ?? "")
            .Concat(Labels(names))
            .Concat(Kinds(names))
            .Concat((spec["versions"] as JsonArray ?? []).SelectMany((version, i) => Label($"spec.versions[{i}].name", version?["name"]?.ToString() ?? "")));
    }

    private static IEnumerable<FieldError> Group(string group, string approval)
    {
        if (!LabelNames.IsSubdomain(group))
        {
            yield return FieldError.Invalid("spec.group", group, "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character");
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            yield return FieldError.Invalid("spec.group", group, "should be a domain with at least one dot");
        }

        var isProtected = group is "k8s.io" or "kubernetes.io"
            || group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);
        if (isProtected && approval.Length == 0)
        {
            yield return FieldError.Required(
                $"metadata.annotations[{Approval}]", $"protected groups must have approval annotation \"{Approval}\", see https://github.com/kubernetes/enhancements/pull/1111");
        }
    }

    private static IEnumerable<FieldError> Labels(JsonObject names)
    {
        var lists = ((IEnumerable<string>)["shortNames", "categories"]).SelectMany(
            list => (names[list] as JsonArray ?? []).SelectMany((word, i) => Label($"spec.names.{list}[{i}]", word?.ToString() ?? "")));
        return Label("spec.names.plural", names["plural"]?.ToString() ?? "")
            .Concat(Label("spec.names.singular", names["singular"]?.ToString() ?? ""))
            .Concat(lists);
    }

    private static IEnumerable<FieldError> Kinds(JsonObject names)
    {
        foreach (var field in (IEnumerable<string>)["kind", "listKind"])
        {
            var kind = names[field]?.ToString() ?? "";
            if (!LabelForm().IsMatch(kind.ToLowerInvariant()))
            {
                yield return FieldError.Invalid($"spec.names.{field}", kind, $"may have mixed case, but should otherwise match: {LabelRule}");
            }
        }

        if (names["kind"]?.ToString() == names["listKind"]?.ToString())
        {
            yield return FieldError.Invalid("spec.names.listKind", names["listKind"], "kind and listKind may not be the same");
        }
    }

    private static IEnumerable<FieldError> Label(string field, string text) =>
        LabelForm().IsMatch(text) ? [] : [FieldError.Invalid(field, text, LabelRule)];

    [GeneratedRegex(@"\A[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelForm();
}
