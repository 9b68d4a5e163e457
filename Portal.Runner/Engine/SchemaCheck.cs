using System.Globalization;
using Portal.Dotprompt;

namespace Portal.Runner.Engine;

/// <summary>Something in a value that its schema forbids.</summary>
/// <param name="Path">Dotted path, <c>(root)</c> for the value itself.</param>
/// <param name="Message">Such as <c>must be string</c>.</param>
internal readonly record struct SchemaError(string Path, string Message);

/// <summary>
/// Checks values against the JSON Schema that Picoschema produces, and the everyday keywords people write by hand:
/// type, enum, const, properties, required, additionalProperties, items, anyOf, allOf and the length and number limits.
/// Other keywords are ignored; nothing is coerced.
/// </summary>
internal static class SchemaCheck
{
    private const int MaxErrors = 20;

    public static IReadOnlyList<SchemaError> Validate(JsonNode? schema, JsonNode? value)
    {
        List<SchemaError> errors = [];
        Check(schema, value, "", errors);
        return errors;
    }

    public static string Describe(IReadOnlyList<SchemaError> errors) => string.Join("; ", errors.Select(static error => $"{error.Path} {error.Message}"));

    public static JsonObject ToDetails(IReadOnlyList<SchemaError> errors) => new()
    {
        ["errors"] = new JsonArray([.. errors.Select(static error => new JsonObject { ["path"] = error.Path, ["message"] = error.Message })]),
    };

    private static void Check(JsonNode? schema, JsonNode? value, string path, List<SchemaError> errors)
    {
        if (errors.Count >= MaxErrors)
        {
            return;
        }

        if (schema is JsonValue flag && flag.TryGetValue<bool>(out var allowed))
        {
            Require(allowed, "is not allowed");
            return;
        }

        if (schema is not JsonObject rules)
        {
            return;
        }

        if (!TypeMatches(rules["type"], value))
        {
            Require(false, $"must be {DescribeType(rules["type"]!)}");
            return;
        }

        Require(rules["enum"] is not JsonArray options || options.Any(option => JsonNode.DeepEquals(option, value)),
            $"must be one of {(rules["enum"] as JsonArray)?.ToJsonString(DotpromptJson.Options)}");
        Require(!rules.TryGetPropertyValue("const", out var constant) || JsonNode.DeepEquals(constant, value), $"must be {constant?.ToJsonString(DotpromptJson.Options) ?? "null"}");
        CheckAlternatives(rules, value, path, errors);
        switch (value)
        {
            case JsonObject members:
                CheckObject(rules, members, path, errors);
                break;
            case JsonArray items:
                CheckArray(rules, items, path, errors);
                break;
            case JsonValue scalar:
                CheckScalar(rules, scalar, Require);
                break;
        }

        void Require(bool holds, string message)
        {
            if (!holds)
            {
                errors.Add(new SchemaError(path.Length == 0 ? "(root)" : path, message));
            }
        }
    }

    private static void CheckAlternatives(JsonObject rules, JsonNode? value, string path, List<SchemaError> errors)
    {
        foreach (var part in rules["allOf"] as JsonArray ?? [])
        {
            Check(part, value, path, errors);
        }

        if ((rules["anyOf"] ?? rules["oneOf"]) is JsonArray { Count: > 0 } alternatives && !alternatives.Any(option => Validate(option, value).Count == 0))
        {
            errors.Add(new SchemaError(path.Length == 0 ? "(root)" : path, "matches none of the alternatives"));
        }
    }

    private static void CheckObject(JsonObject rules, JsonObject members, string path, List<SchemaError> errors)
    {
        foreach (var name in (rules["required"] as JsonArray ?? []).Select(static node => node?.ToString() ?? ""))
        {
            if (!members.ContainsKey(name))
            {
                errors.Add(new SchemaError(Join(path, name), "is required"));
            }
        }

        var properties = rules["properties"] as JsonObject;
        foreach (var (name, value) in members)
        {
            if (properties is not null && properties.TryGetPropertyValue(name, out var property))
            {
                Check(property, value, Join(path, name), errors);
            }
            else if (rules["additionalProperties"] is JsonValue flag && flag.TryGetValue<bool>(out var open) && !open)
            {
                errors.Add(new SchemaError(Join(path, name), "is not a field of the schema"));
            }
            else
            {
                Check(rules["additionalProperties"], value, Join(path, name), errors);
            }
        }
    }

    private static void CheckArray(JsonObject rules, JsonArray items, string path, List<SchemaError> errors)
    {
        if (rules["minItems"].Number() is { } least && items.Count < least)
        {
            errors.Add(new SchemaError(path.Length == 0 ? "(root)" : path, $"must have at least {least} items"));
        }

        if (rules["maxItems"].Number() is { } most && items.Count > most)
        {
            errors.Add(new SchemaError(path.Length == 0 ? "(root)" : path, $"must have at most {most} items"));
        }

        for (var index = 0; index < items.Count && errors.Count < MaxErrors; index++)
        {
            Check(rules["items"], items[index], Join(path, index.ToString(CultureInfo.InvariantCulture)), errors);
        }
    }

    private static void CheckScalar(JsonObject rules, JsonValue value, Action<bool, string> require)
    {
        if (value.GetValueKind() == JsonValueKind.String)
        {
            var length = new StringInfo(value.GetValue<string>()).LengthInTextElements;
            require(rules["minLength"].Number() is not { } least || length >= least, $"must have at least {rules["minLength"]} characters");
            require(rules["maxLength"].Number() is not { } most || length <= most, $"must have at most {rules["maxLength"]} characters");
        }
        else if (value.Number() is { } number)
        {
            require(rules["minimum"].Number() is not { } least || number >= least, $"must be at least {rules["minimum"]}");
            require(rules["maximum"].Number() is not { } most || number <= most, $"must be at most {rules["maximum"]}");
            require(rules["exclusiveMinimum"].Number() is not { } above || number > above, $"must be more than {rules["exclusiveMinimum"]}");
            require(rules["exclusiveMaximum"].Number() is not { } below || number < below, $"must be less than {rules["exclusiveMaximum"]}");
        }
    }

    private static bool TypeMatches(JsonNode? type, JsonNode? value) => type switch
    {
        JsonArray several => several.Count == 0 || several.Any(one => TypeMatches(one, value)),
        JsonValue one => one.ToString() switch
        {
            "string" => value?.GetValueKind() == JsonValueKind.String,
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            "integer" => value.Number() is { } number && Math.Floor(number) == number,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "null" => value is null,
            _ => true, // "any" is what Picoschema makes of a top-level any
        },
        _ => true,
    };

    private static string DescribeType(JsonNode type) =>
        type is JsonArray several ? string.Join(" or ", several.Select(static one => one?.ToString())) : type.ToString();

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
