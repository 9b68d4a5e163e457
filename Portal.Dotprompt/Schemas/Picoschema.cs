namespace Portal.Dotprompt.Schemas;

/// <summary>A Picoschema is wrong; the message is fit for the author.</summary>
public sealed class PicoschemaException(string message, IReadOnlyList<string> path) : Exception(message)
{
    /// <summary>Keys that lead from the schema's root to the wrong value.</summary>
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>The type name that is not known; null when something else is wrong.</summary>
    public string? UnknownType { get; init; }
}

/// <summary>
/// Picoschema, the short notation for JSON Schema in frontmatter (https://google.github.io/dotprompt/reference/picoschema/).
/// JSON Schema is taken as it is.
/// </summary>
public static class Picoschema
{
    private const string WildcardKey = "(*)";
    private const int MaxDepth = 64;

    /// <summary>The scalar types.</summary>
    public static IReadOnlyList<string> ScalarTypes { get; } = ["any", "boolean", "integer", "null", "number", "string"];

    /// <param name="schema">Picoschema, JSON Schema, or the name of a schema. Null and "" give null.</param>
    /// <param name="named">Finds a schema by name; null when there is none.</param>
    /// <returns>A JSON Schema that shares nothing with its input, or null.</returns>
    /// <exception cref="PicoschemaException">It is neither.</exception>
    public static JsonObject? ToJsonSchema(JsonNode? schema, Func<string, JsonObject?> named)
    {
        switch (schema)
        {
            case null:
                return null;
            case JsonValue value when value.TryGetValue<string>(out var text):
                return text.Length == 0 ? null : FromText(text, [], named, isTopLevel: true);
            case JsonValue value when value.TryGetValue<bool>(out var truth) && !truth:
                return null;
            case JsonObject json when IsJsonSchema(json):
                return (JsonObject)json.DeepClone();
            case JsonObject json when json.TryGetPropertyValue("properties", out var properties) && properties is JsonObject or null && json.ContainsKey("properties"):
                var result = (JsonObject)json.DeepClone();
                result["type"] = "object";
                return result;
            default:
                return FromValue(schema, [], named);
        }
    }

    private static bool IsJsonSchema(JsonObject schema) =>
        schema["type"] is JsonValue value && value.TryGetValue<string>(out var type) && (type is "object" or "array" || ScalarTypes.Contains(type));

    private static JsonObject FromText(string text, IReadOnlyList<string> path, Func<string, JsonObject?> named, bool isTopLevel)
    {
        var (type, description) = SplitDescription(text);
        JsonObject result;
        if (ScalarTypes.Contains(type))
        {
            result = type == "any" && !isTopLevel ? [] : new JsonObject { ["type"] = type };
        }
        else
        {
            result = named(type)?.DeepClone() as JsonObject
                ?? throw new PicoschemaException($"Picoschema: '{type}' is neither a type ({string.Join(", ", ScalarTypes)}) nor a known schema.", path) { UnknownType = type };
        }

        if (description is not null)
        {
            result["description"] = description;
        }

        return result;
    }

    private static JsonObject FromValue(JsonNode? value, IReadOnlyList<string> path, Func<string, JsonObject?> named)
    {
        if (path.Count > MaxDepth)
        {
            throw new PicoschemaException($"Picoschema: nested more than {MaxDepth} levels deep.", path);
        }

        return value switch
        {
            null => FromMembers([], path, named),
            JsonObject json => FromMembers(json, path, named),
            JsonArray array => FromMembers(
                array.Select((item, index) => KeyValuePair.Create(index.ToString(System.Globalization.CultureInfo.InvariantCulture), item)), path, named),
            JsonValue scalar when scalar.TryGetValue<string>(out var text) => FromText(text, path, named, isTopLevel: false),
            _ => throw new PicoschemaException($"Picoschema: a field is a type name or a map, not {value.ToJsonString()}.", path),
        };
    }

    private static JsonObject FromMembers(IEnumerable<KeyValuePair<string, JsonNode?>> members, IReadOnlyList<string> path, Func<string, JsonObject?> named)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        JsonNode additional = JsonValue.Create(false);
        foreach (var (key, value) in members)
        {
            IReadOnlyList<string> inner = [.. path, key];
            if (key == WildcardKey)
            {
                additional = FromValue(value, inner, named);
                continue;
            }

            var pieces = key.Split('(');
            var isOptional = pieces[0].EndsWith('?');
            var name = isOptional ? pieces[0][..^1] : pieces[0];
            properties[name] = pieces.Length == 1
                ? Optional(FromValue(value, inner, named), isOptional)
                : FromParenthesis(pieces[1], value, isOptional, inner, named);
            if (!isOptional)
            {
                required.Add(name);
            }
        }

        var result = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            result["required"] = required;
        }

        result["additionalProperties"] = additional;
        return result;
    }

    private static JsonObject FromParenthesis(string text, JsonNode? value, bool isOptional, IReadOnlyList<string> path, Func<string, JsonObject?> named)
    {
        var (type, description) = SplitDescription(text.Length > 0 ? text[..^1] : text);
        var result = type switch
        {
            "array" => new JsonObject { ["type"] = isOptional ? new JsonArray("array", "null") : "array", ["items"] = FromValue(value, path, named) },
            "object" => Optional(FromValue(value, path, named), isOptional),
            "enum" => new JsonObject { ["enum"] = Enumeration(value, isOptional, path) },
            _ => throw new PicoschemaException($"Picoschema: in parentheses stands 'array', 'object' or 'enum' with a description, not '{type}'.", path),
        };
        if (description is not null)
        {
            result["description"] = description;
        }

        return result;
    }

    private static JsonNode? Enumeration(JsonNode? value, bool isOptional, IReadOnlyList<string> path)
    {
        var result = value?.DeepClone();
        if (!isOptional)
        {
            return result;
        }

        if (result is not JsonArray list)
        {
            throw new PicoschemaException("Picoschema: an enum is a list of values.", path);
        }

        if (list.All(item => item is not null))
        {
            list.Add(null);
        }

        return list;
    }

    private static JsonObject Optional(JsonObject schema, bool isOptional)
    {
        if (isOptional && schema["type"] is JsonValue type && type.TryGetValue<string>(out var name))
        {
            schema["type"] = new JsonArray(name, "null");
        }

        return schema;
    }

    /// <summary>The first comma divides; a description that spans lines is none.</summary>
    private static (string Type, string? Description) SplitDescription(string text)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
        {
            return (text, null);
        }

        var description = text[(comma + 1)..].TrimStart();
        return description.AsSpan().IndexOfAny('\r', '\n') >= 0
            ? (text, null)
            : (text[..comma], description.Length == 0 ? null : description);
    }
}
