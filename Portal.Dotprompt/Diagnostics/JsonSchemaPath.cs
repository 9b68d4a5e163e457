namespace Portal.Dotprompt.Diagnostics;

/// <summary>Follows names through JSON Schema, as far as it can be known.</summary>
internal static class JsonSchemaPath
{
    /// <summary>The one type besides null; null when there is none or several.</summary>
    public static string? TypeOf(JsonObject? schema) => schema?["type"] switch
    {
        JsonValue value when value.TryGetValue<string>(out var type) => type,
        JsonArray types => types.Select(type => type?.ToString()).Where(type => type is not null and not "null").ToList() is [var only] ? only : null,
        _ => null,
    };

    /// <summary>What <c>each</c> gives: an item of a list, or a value of a map.</summary>
    public static JsonObject? Item(JsonObject? schema) => TypeOf(schema) switch
    {
        "array" => schema!["items"] as JsonObject,
        "object" when schema!["properties"] is not JsonObject { Count: > 0 } => schema["additionalProperties"] as JsonObject,
        _ => null,
    };

    public static JsonObject? Member(JsonObject schema, string name) => TypeOf(schema) switch
    {
        "array" => name == "length" ? null : schema["items"] as JsonObject,
        _ => (schema["properties"] as JsonObject)?[name] as JsonObject ?? schema["additionalProperties"] as JsonObject,
    };

    /// <summary>Whether the schema surely lacks the name.</summary>
    public static bool IsMissing(JsonObject schema, string name)
    {
        if (TypeOf(schema) is not "object" || schema["properties"] is not JsonObject properties || properties.ContainsKey(name))
        {
            return false;
        }

        var isOpen = schema["additionalProperties"] switch
        {
            JsonObject => true,
            JsonValue value => value.TryGetValue<bool>(out var allowed) && allowed,
            _ => false,
        };
        return !isOpen && !schema.ContainsKey("patternProperties");
    }

    public static IEnumerable<string> Names(JsonObject schema) => (schema["properties"] as JsonObject)?.Select(property => property.Key) ?? [];
}
