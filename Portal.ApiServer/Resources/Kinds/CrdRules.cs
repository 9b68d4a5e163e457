using Portal.ApiServer.Schemas;
using Portal.ApiServer.Schemas.Cel;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>CustomResourceDefinitions: names are completed and checked, one version is stored, schemas are structural.</summary>
internal sealed class CrdRules : ResourceRules
{
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public override bool HasGeneration => true;
    public override IReadOnlyList<string> DeletionFinalizers => [CleanupFinalizer];

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (target["spec"] is not JsonObject spec)
        {
            return;
        }

        if (spec["names"] is JsonObject names && names["kind"]?.ToString() is { Length: > 0 } kind)
        {
            names["singular"] ??= kind.ToLowerInvariant();
            names["listKind"] ??= kind + "List";
        }

        spec["conversion"] ??= new JsonObject { ["strategy"] = "None" };
        if (old is null)
        {
            target["status"] = new JsonObject
            {
                ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
                ["storedVersions"] = StorageVersion(spec) is { } stored ? new JsonArray(stored) : null,
            };
        }
    }

    public override void MarkTerminating(JsonObject target)
    {
        if (target["status"] is not JsonObject status)
        {
            target["status"] = status = [];
        }

        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        conditions.Add(new JsonObject
        {
            ["type"] = "Terminating",
            ["status"] = "True",
            ["lastTransitionTime"] = target["metadata"]!["deletionTimestamp"]!.DeepClone(),
            ["reason"] = "InstanceDeletionPending",
            ["message"] = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
        });
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var spec = target["spec"] as JsonObject ?? [];
        var plural = spec["names"]?["plural"]?.ToString() ?? "";
        var group = spec["group"]?.ToString() ?? "";
        var name = target["metadata"]?["name"]?.ToString() ?? "";
        if (old is null && name != $"{plural}.{group}")
        {
            yield return FieldError.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        }

        if (spec["scope"]?.ToString() is not ("Namespaced" or "Cluster"))
        {
            yield return FieldError.NotSupported("spec.scope", spec["scope"], ["\"Cluster\"", "\"Namespaced\""]);
        }

        // What is stored already was accepted once: its status must stay writable.
        var named = old is null || !JsonNode.DeepEquals(spec, old["spec"]) ? CrdNames.Problems(target).Concat(CrdSelectableFields.Problems([.. (spec["versions"] as JsonArray ?? []).OfType<JsonObject>()])) : [];
        foreach (var error in named.Concat(Versions(spec)).Concat(Conversion(spec)).Concat(Immutable(spec, old)))
        {
            yield return error;
        }
    }

    public static string? StorageVersion(JsonObject spec) => (spec["versions"] as JsonArray ?? []).OfType<JsonObject>()
        .FirstOrDefault(version => version["storage"]?.GetValueKind() == JsonValueKind.True)?["name"]?.ToString();

    private static IEnumerable<FieldError> Conversion(JsonObject spec)
    {
        // Versions of one kind must be alike here: nothing converts between them.
        if (spec["conversion"]?["strategy"]?.ToString() is not ("None" or null))
        {
            yield return FieldError.NotSupported("spec.conversion.strategy", spec["conversion"]!["strategy"], ["\"None\""]);
        }
    }

    private static IEnumerable<FieldError> Immutable(JsonObject spec, JsonObject? old)
    {
        if (old?["spec"] is not JsonObject before)
        {
            yield break;
        }

        if (spec["group"]?.ToString() != before["group"]?.ToString())
        {
            yield return FieldError.Invalid("spec.group", spec["group"], "field is immutable");
        }

        if (spec["names"]?["plural"]?.ToString() != before["names"]?["plural"]?.ToString())
        {
            yield return FieldError.Invalid("spec.names.plural", spec["names"]?["plural"], "field is immutable");
        }

        if (spec["scope"]?.ToString() != before["scope"]?.ToString())
        {
            yield return FieldError.Invalid("spec.scope", spec["scope"], "field is immutable");
        }

        var known = (spec["versions"] as JsonArray ?? []).Select(version => version?["name"]?.ToString()).ToHashSet();
        var stored = (old["status"]?["storedVersions"] as JsonArray ?? []).Select(version => version?.ToString()).ToList();
        for (var index = 0; index < stored.Count; index++)
        {
            if (!known.Contains(stored[index]))
            {
                yield return FieldError.Invalid(
                    $"status.storedVersions[{index}]", stored[index], "missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions".Replace("v1", stored[index], StringComparison.Ordinal));
            }
        }
    }

    private static IEnumerable<FieldError> Versions(JsonObject spec)
    {
        var versions = (spec["versions"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (versions.Count(version => version["storage"]?.GetValueKind() == JsonValueKind.True) != 1)
        {
            yield return FieldError.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < versions.Count; index++)
        {
            var name = versions[index]["name"]?.ToString() ?? "";
            if (!names.Add(name))
            {
                yield return FieldError.Invalid($"spec.versions[{index}].name", name, "must be unique");
            }

            if (versions[index]["schema"]?["openAPIV3Schema"] is not JsonObject schema)
            {
                yield return FieldError.Required($"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required");
                continue;
            }

            foreach (var problem in SchemaProblems(schema, $"spec.versions[{index}].schema"))
            {
                yield return problem;
            }
        }
    }

    private static List<FieldError> SchemaProblems(JsonObject schema, string path)
    {
        var problems = new List<FieldError>();
        try
        {
            CelValidator.Compile(StructuralSchema.ForCustomResource(schema), path + ".openAPIV3Schema", problems);
        }
        catch (SchemaException problem)
        {
            problems.Add(new FieldError("FieldValueInvalid", $"{path}.{problem.Path}", $"Invalid value: {problem.Reason}"));
        }

        return problems;
    }
}
