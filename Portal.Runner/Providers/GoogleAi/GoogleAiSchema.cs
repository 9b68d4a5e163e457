using System.Collections.Frozen;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.GoogleAi;

/// <summary>
/// Writes JSON Schema in the dialect of <c>responseSchema</c>, a small part of OpenAPI's: https://ai.google.dev/api/caching#Schema.
/// Limits it has no words for are left out, since the answer is checked against the whole schema anyway.
/// </summary>
internal static class GoogleAiSchema
{
    private const int MaxDepth = 32;

    private static readonly FrozenSet<string> s_same = new[]
    {
        "title", "description", "nullable", "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength", "pattern",
        "minProperties", "maxProperties", "required", "propertyOrdering",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_formats = new[] { "date-time", "enum", "float", "double", "int32", "int64" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly string[] s_inexpressible = ["$ref", "allOf", "if", "not", "patternProperties", "prefixItems"];

    /// <summary>The schema in that dialect, or null when it cannot be said there.</summary>
    public static JsonObject? From(JsonNode? schema, int depth = 0)
    {
        if (schema is not JsonObject rules || depth > MaxDepth || s_inexpressible.Any(rules.ContainsKey))
        {
            return null;
        }

        var result = new JsonObject();
        foreach (var (key, value) in rules.Where(static rule => s_same.Contains(rule.Key)))
        {
            result[key] = value?.DeepClone();
        }

        if (rules["format"].Text() is { } format && s_formats.Contains(format))
        {
            result["format"] = format;
        }

        var alternatives = rules["anyOf"] ?? rules["oneOf"];
        return alternatives is null ? Typed(result, rules, depth) : Alternatives(result, alternatives as JsonArray ?? [], depth);
    }

    private static JsonObject? Alternatives(JsonObject result, JsonArray alternatives, int depth)
    {
        var choices = new JsonArray();
        foreach (var alternative in alternatives)
        {
            if (alternative.Member("type").Text() == "null")
            {
                result["nullable"] = true;
            }
            else if (From(alternative, depth + 1) is { } choice)
            {
                choices.Add(choice);
            }
            else
            {
                return null;
            }
        }

        result["anyOf"] = choices;
        return choices.Count > 0 ? result : null;
    }

    private static JsonObject? Typed(JsonObject result, JsonObject rules, int depth)
    {
        string?[] types = [.. (rules["type"] as JsonArray ?? [rules["type"]?.DeepClone()]).Select(static type => type.Text())];
        if (types.Contains("null"))
        {
            result["nullable"] = true;
        }

        types = [.. types.Where(static type => type != "null")];
        if (types is not [{ } type])
        {
            return types.Length > 1 ? Alternatives(result, [.. types.Select(type => Of(rules, type))], depth) : null;
        }

        result["type"] = type.ToUpperInvariant();
        return type switch
        {
            "object" => Properties(result, rules["properties"] as JsonObject, depth),
            "array" => With(result, "items", From(rules["items"], depth + 1)),
            "string" => Values(result, rules),
            "boolean" or "integer" or "number" => result,
            _ => null,
        };
    }

    private static JsonObject Of(JsonObject rules, string? type)
    {
        var single = (JsonObject)rules.DeepClone();
        single["type"] = type;
        return single;
    }

    private static JsonObject? Properties(JsonObject result, JsonObject? properties, int depth)
    {
        var converted = new JsonObject();
        foreach (var (name, property) in properties ?? [])
        {
            if (From(property, depth + 1) is not { } value)
            {
                return null;
            }

            converted[name] = value;
        }

        // An object that may hold anything is refused.
        return converted.Count > 0 ? With(result, "properties", converted) : null;
    }

    private static JsonObject Values(JsonObject result, JsonObject rules)
    {
        JsonNode?[] values = [.. rules["enum"] as JsonArray ?? (rules["const"] is { } only ? [only.DeepClone()] : [])];
        if (values.Length > 0)
        {
            result["enum"] = new JsonArray([.. values.Where(static value => value.Text() is not null).Select(static value => value!.DeepClone())]);
        }

        return result;
    }

    private static JsonObject? With(JsonObject result, string name, JsonObject? value)
    {
        result[name] = value;
        return value is null ? null : result;
    }
}
