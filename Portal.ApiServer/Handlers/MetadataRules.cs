using System.Text.RegularExpressions;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

/// <summary>Validates <c>metadata</c>: names, labels, annotations, finalizers, owner references.</summary>
internal static partial class MetadataRules
{
    private const int MaxAnnotationBytes = 256 * 1024;
    private const string SubdomainText =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
        @"(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string LabelText =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character " +
        "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string LabelNameText =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string LabelValueText =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public static IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old, ServedResource resource)
    {
        var metadata = Metadata.Of(target);
        var name = Metadata.Text(target, "name");
        if (old is null && NameProblem(name, resource) is { } problem)
        {
            yield return FieldError.Invalid("metadata.name", name, problem);
        }

        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            foreach (var reason in QualifiedNameProblems(key))
            {
                yield return FieldError.Invalid("metadata.labels", key, reason);
            }

            var text = value?.ToString() ?? "";
            if (text.Length > 63)
            {
                yield return FieldError.Invalid("metadata.labels", text, "must be no more than 63 bytes");
            }
            else if (!LabelValue().IsMatch(text))
            {
                yield return FieldError.Invalid("metadata.labels", text, LabelValueText);
            }
        }

        var annotationBytes = 0L;
        foreach (var (key, value) in metadata["annotations"] as JsonObject ?? [])
        {
            annotationBytes += key.Length + (value?.ToString().Length ?? 0);
            foreach (var reason in QualifiedNameProblems(key.ToLowerInvariant()))
            {
                yield return FieldError.Invalid("metadata.annotations", key, reason);
            }
        }

        if (annotationBytes > MaxAnnotationBytes)
        {
            yield return FieldError.TooLong("metadata.annotations", MaxAnnotationBytes);
        }

        foreach (var error in Finalizers(target, old, resource).Concat(Owners(metadata)))
        {
            yield return error;
        }
    }

    /// <summary>Warnings for finalizers of custom resources that built-ins would refuse.</summary>
    public static IEnumerable<string> FinalizerWarnings(JsonObject target, JsonObject? old) => Metadata.Finalizers(target)
        .Except(old is null ? [] : Metadata.Finalizers(old))
        .Where(finalizer => !finalizer.Contains('/', StringComparison.Ordinal) && !IsStandardFinalizer(finalizer))
        .Select(finalizer =>
            $"metadata.finalizers: \"{finalizer}\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers");

    public static bool IsDnsSubdomain(string text) => text.Length <= 253 && Subdomain().IsMatch(text);

    public static bool IsDnsLabel(string text) => text.Length <= 63 && Label().IsMatch(text);

    private static string? NameProblem(string name, ServedResource resource)
    {
        if (resource.Rules.PathSegmentNames)
        {
            return name is "." or ".." ? $"may not be '{name}'"
                : name.Contains('/', StringComparison.Ordinal) ? "may not contain '/'"
                : name.Contains('%', StringComparison.Ordinal) ? "may not contain '%'" : null;
        }

        if (resource.Definition is { Group: "", Plural: "namespaces" or "services" })
        {
            return name.Length > 63 ? "must be no more than 63 bytes"
                : Label().IsMatch(name) ? null
                : LabelText;
        }

        return name.Length > 253 ? "must be no more than 253 characters" : Subdomain().IsMatch(name) ? null : SubdomainText;
    }

    private static IEnumerable<FieldError> Finalizers(JsonObject target, JsonObject? old, ServedResource resource)
    {
        var finalizers = Metadata.Finalizers(target);
        for (var index = 0; index < finalizers.Count; index++)
        {
            var finalizer = finalizers[index];
            foreach (var reason in QualifiedNameProblems(finalizer))
            {
                yield return FieldError.Invalid("metadata.finalizers", finalizer, reason);
            }

            var free = resource.IsCustom || resource.Definition.Group == "apiextensions.k8s.io";
            if (!free && !finalizer.Contains('/', StringComparison.Ordinal) && !IsStandardFinalizer(finalizer))
            {
                yield return FieldError.Invalid($"metadata.finalizers[{index}]", finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }

        if (finalizers.Contains(Metadata.ForegroundFinalizer) && finalizers.Contains(Metadata.OrphanFinalizer))
        {
            yield return FieldError.Invalid(
                "metadata.finalizers", target["metadata"]!["finalizers"], "finalizer orphan and finalizer foregroundDeletion cannot be both set");
        }

        if (old is not null && Metadata.IsTerminating(old) && finalizers.Except(Metadata.Finalizers(old)).ToList() is { Count: > 0 } added)
        {
            yield return FieldError.Forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new finalizers "
                + $"[]string{{{string.Join(", ", added.Select(item => $"\"{item}\""))}}}");
        }
    }

    private static IEnumerable<FieldError> Owners(JsonObject metadata)
    {
        var controllers = 0;
        var index = -1;
        foreach (var owner in (metadata["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>())
        {
            index++;
            foreach (var field in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owner[field]?.ToString()))
                {
                    var problem = field == "apiVersion" ? "version must not be empty" : "must not be empty";
                    yield return FieldError.Invalid($"metadata.ownerReferences[{index}].{field}", owner[field] ?? "", problem);
                }
            }

            controllers += owner["controller"]?.GetValueKind() == JsonValueKind.True ? 1 : 0;
        }

        if (controllers > 1)
        {
            yield return FieldError.Invalid(
                "metadata.ownerReferences", metadata["ownerReferences"], "Only one reference can have Controller set to true.");
        }
    }

    private static IEnumerable<string> QualifiedNameProblems(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 2)
        {
            yield return "a qualified name " + LabelNameText.Replace("name part ", "", StringComparison.Ordinal)
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
            {
                yield return "prefix part must be non-empty";
            }
            else if (!IsDnsSubdomain(parts[0]))
            {
                yield return "prefix part " + SubdomainText;
            }
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            yield return "name part must be non-empty";
        }
        else if (name.Length > 63)
        {
            yield return "name part must be no more than 63 bytes";
        }

        if (!LabelName().IsMatch(name))
        {
            yield return LabelNameText;
        }
    }

    private static bool IsStandardFinalizer(string finalizer) =>
        finalizer is Metadata.ForegroundFinalizer or Metadata.OrphanFinalizer or "kubernetes";

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue();
}
