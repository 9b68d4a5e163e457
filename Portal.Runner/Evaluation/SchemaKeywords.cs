using System.Collections.Frozen;

namespace Portal.Runner.Evaluation;

/// <summary>
/// Finds schemas that say more than <see cref="Engine.SchemaCheck"/> looks at: an answer must not pass by a rule that was never checked.
/// </summary>
internal static class SchemaKeywords
{
    private const int MaxDepth = 64;

    private static readonly FrozenSet<string> s_unchecked = new[]
    {
        "$ref", "$dynamicRef", "pattern", "patternProperties", "propertyNames", "minProperties", "maxProperties", "not", "if", "then", "else", "oneOf", "prefixItems",
        "contains", "uniqueItems", "multipleOf", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties", "unevaluatedItems", "additionalItems",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <returns>The schema.</returns>
    /// <exception cref="FormatException">It has a keyword that is not checked; says which and where.</exception>
    public static JsonNode? Require(JsonNode? schema)
    {
        Check(schema, "", 0);
        return schema;
    }

    /// <summary>Which keyword is not checked, and where; null when all are.</summary>
    public static string? FindUnchecked(JsonNode? schema)
    {
        try
        {
            Require(schema);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    private static void Check(JsonNode? schema, string path, int depth)
    {
        if (schema is not JsonObject rules || depth > MaxDepth)
        {
            return;
        }

        if (rules.Select(static rule => rule.Key).FirstOrDefault(s_unchecked.Contains) is { } keyword)
        {
            throw new FormatException($"the keyword \"{keyword}\"{(path.Length == 0 ? "" : $" of {path}")} is not supported here: type, enum, const, properties, required, "
                + "additionalProperties, items, anyOf, allOf and the limits of lengths, items and numbers are");
        }

        foreach (var (name, property) in rules["properties"] as JsonObject ?? [])
        {
            Check(property, path.Length == 0 ? name : $"{path}.{name}", depth + 1);
        }

        Check(rules["items"], $"{path}[]", depth + 1);
        Check(rules["additionalProperties"], $"{path}.*", depth + 1);
        foreach (var part in (rules["anyOf"] as JsonArray ?? []).Concat(rules["allOf"] as JsonArray ?? []))
        {
            Check(part, path, depth + 1);
        }
    }
}
