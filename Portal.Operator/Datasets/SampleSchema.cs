namespace Portal.Operator.Datasets;

/// <summary>Checks a sample against the part of JSON Schema that says what is there: type, required, properties, items, enum.
/// The evaluation checks more of it (docs/runner.md lists what), and says what it does not.</summary>
internal static class SampleSchema
{
    /// <summary>A row of CSV as the evaluation reads it: a cell that the schema wants to be something else than text is that, where it can be.</summary>
    public static JsonNode? Typed(JsonNode? schema, JsonNode? row)
    {
        if (row is not JsonObject cells || (schema as JsonObject)?["properties"] is not JsonObject rules)
        {
            return row;
        }

        return new JsonObject(cells.Select(cell => KeyValuePair.Create(
            cell.Key, (rules[cell.Key] as JsonObject)?["type"] is JsonValue type && type.ToString() != "string" ? Value(cell.Value) : cell.Value?.DeepClone())));
    }

    private static JsonNode? Value(JsonNode? cell)
    {
        try
        {
            return JsonNode.Parse(cell?.ToString() ?? "");
        }
        catch (JsonException)
        {
            return cell?.DeepClone();
        }
    }

    /// <summary>What does not fit first, with its path; null when all does.</summary>
    public static string? FindMismatch(JsonNode? schema, JsonNode? value, string path = "sample")
    {
        if (schema is not JsonObject rules)
        {
            return null;
        }

        if (rules["type"] is { } type && !Types(type).Any(name => IsOf(name, value)))
        {
            return $"{path} is not of type {string.Join(" or ", Types(type))}";
        }

        if (rules["enum"] is JsonArray allowed && !allowed.Any(item => JsonNode.DeepEquals(item, value)))
        {
            return $"{path} is not one of the allowed values";
        }

        return value switch
        {
            JsonObject members => InObject(rules, members, path),
            JsonArray items => items.Select((item, index) => FindMismatch(rules["items"], item, $"{path}[{index}]")).FirstOrDefault(found => found is not null),
            _ => null,
        };
    }

    private static string? InObject(JsonObject rules, JsonObject members, string path)
    {
        foreach (var name in (rules["required"] as JsonArray ?? []).Select(item => item?.ToString() ?? ""))
        {
            if (!members.ContainsKey(name))
            {
                return $"{path}.{name} is required";
            }
        }

        return (rules["properties"] as JsonObject ?? [])
            .Where(rule => members.ContainsKey(rule.Key))
            .Select(rule => FindMismatch(rule.Value, members[rule.Key], $"{path}.{rule.Key}"))
            .FirstOrDefault(found => found is not null);
    }

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(item => item?.ToString() ?? "") : [type.ToString()];

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("string", JsonValueKind.String) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("null", JsonValueKind.Null) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => decimal.TryParse(value!.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number) && number == decimal.Truncate(number),
        _ => false,
    };
}
