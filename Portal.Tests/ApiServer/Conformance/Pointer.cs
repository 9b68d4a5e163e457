namespace Portal.Tests.ApiServer.Conformance;

/// <summary>JSON pointers in which <c>*</c> stands for every key or index.</summary>
internal static class Pointer
{
    public static string[] Split(string pointer) => pointer is "" or "/" ? [] : [.. pointer.TrimStart('/').Split('/').Select(Unescape)];

    /// <summary>Every place a pointer means, with its value.</summary>
    public static IEnumerable<(string Path, JsonNode? Value)> Resolve(JsonNode? node, string pointer) => Resolve(node, Split(pointer), "");

    /// <summary>The value of the first place; null when there is none.</summary>
    public static JsonNode? First(JsonNode? node, string pointer) => Resolve(node, pointer).FirstOrDefault().Value;

    public static void Remove(JsonNode? node, string pointer)
    {
        var parts = Split(pointer);
        if (parts.Length == 0)
        {
            return;
        }

        foreach (var (_, parent) in Resolve(node, parts[..^1], "").ToList())
        {
            if (parent is JsonObject fields)
            {
                if (parts[^1] == "*")
                {
                    fields.Clear();
                }
                else
                {
                    fields.Remove(parts[^1]);
                }
            }
            else if (parent is JsonArray items && int.TryParse(parts[^1], out var index) && index < items.Count)
            {
                items.RemoveAt(index);
            }
        }
    }

    private static IEnumerable<(string Path, JsonNode? Value)> Resolve(JsonNode? node, string[] parts, string path)
    {
        if (parts.Length == 0)
        {
            return [(path, node)];
        }

        var children = node switch
        {
            JsonObject fields => fields.Where(field => parts[0] == "*" || field.Key == parts[0]).Select(field => (field.Key, field.Value)),
            JsonArray items => items.Select((item, index) => (Key: index.ToString(System.Globalization.CultureInfo.InvariantCulture), Value: item))
                .Where(item => parts[0] == "*" || item.Key == parts[0]),
            _ => [],
        };
        return children.SelectMany(child => Resolve(child.Value, parts[1..], $"{path}/{Escape(child.Key)}"));
    }

    private static string Escape(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Unescape(string part) => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
