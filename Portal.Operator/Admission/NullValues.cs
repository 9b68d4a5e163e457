namespace Portal.Operator.Admission;

/// <summary>
/// Treats null as an API server does: where the schema wants a value, a member that is null is not there, and an item of a list must not be null.
/// What the schema leaves open, such as a tool's definition, keeps its nulls.
/// </summary>
internal static class NullValues
{
    /// <summary>Removes the members; returns the paths of the items.</summary>
    /// <param name="value">Changed in place.</param>
    /// <param name="schema">Its structural schema.</param>
    /// <param name="path">Where it is.</param>
    public static IEnumerable<string> Remove(JsonNode? value, JsonObject schema, string path) => value switch
    {
        JsonObject map => InMap(map, schema, path),
        JsonArray list when schema["items"] is JsonObject items => [.. list.SelectMany((item, index) =>
            item is null ? [$"{path}[{index}]"] : Remove(item, items, $"{path}[{index}]"))],
        _ => [],
    };

    public static bool Any(JsonNode? value) => value switch
    {
        JsonObject map => map.Any(member => member.Value is null || Any(member.Value)),
        JsonArray list => list.Any(item => item is null || Any(item)),
        _ => false,
    };

    private static List<string> InMap(JsonObject map, JsonObject schema, string path)
    {
        var found = new List<string>();
        foreach (var (name, value) in map.ToList())
        {
            var inner = ((schema["properties"] as JsonObject)?[name] ?? schema["additionalProperties"]) as JsonObject;
            if (inner is not null && value is not null)
            {
                found.AddRange(Remove(value, inner, $"{path}.{name}"));
            }
            else if (inner is not null)
            {
                map.Remove(name);
            }
        }

        return found;
    }
}
