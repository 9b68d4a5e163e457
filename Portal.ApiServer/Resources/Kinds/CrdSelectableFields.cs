using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Which <c>selectableFields</c> a CustomResourceDefinition may declare: scalars that its schema has.</summary>
internal static class CrdSelectableFields
{
    private const int MaxFields = 8;

    public static IEnumerable<FieldError> Problems(IReadOnlyList<JsonObject> versions)
    {
        // The real server lifts what all versions share out of them, and then finds only half of the pair where it looks.
        var sameSchemas = versions.Count > 1 && versions.All(version => JsonNode.DeepEquals(version["schema"], versions[0]["schema"]));
        var sameFields = versions.All(version => JsonNode.DeepEquals(version["selectableFields"], versions[0]["selectableFields"]));
        for (var index = 0; index < versions.Count; index++)
        {
            if (versions[index]["selectableFields"] is not JsonArray { Count: > 0 } fields)
            {
                continue;
            }

            var path = $"spec.versions[{index}].selectableFields";
            if (versions.Count > 1 && sameSchemas != sameFields)
            {
                yield return FieldError.Invalid(path, "", "schemas and selectableFields must be the same in all versions, or both must differ");
                continue;
            }

            foreach (var problem in Problems(fields, versions[index]["schema"]?["openAPIV3Schema"], path))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<FieldError> Problems(JsonArray fields, JsonNode? schema, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < fields.Count; index++)
        {
            var field = $"{path}[{index}].jsonPath";
            var text = fields[index]?["jsonPath"]?.ToString() ?? "";
            if (text.Length == 0)
            {
                yield return FieldError.Required(field);
            }
            else if (text.StartsWith(".metadata.", StringComparison.Ordinal))
            {
                yield return FieldError.Invalid(field, text, "must not point to fields in metadata");
            }
            else if (!text.StartsWith('.') || Resolve(schema, text[1..]) is not { } found)
            {
                yield return FieldError.Invalid(field, text, "is an invalid path: does not refer to a valid field");
            }
            else if (found["type"]?.ToString() is not ("string" or "boolean" or "integer"))
            {
                yield return FieldError.Invalid(
                    field, text, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }
            else if (!seen.Add(text))
            {
                yield return FieldError.Duplicate(field, text);
            }
        }

        if (seen.Count > MaxFields)
        {
            yield return FieldError.TooMany(path, seen.Count, MaxFields);
        }
    }

    private static JsonNode? Resolve(JsonNode? schema, string path) =>
        path.Split('.').Aggregate(schema, (at, name) => (at?["properties"] as JsonObject)?[name]);
}
