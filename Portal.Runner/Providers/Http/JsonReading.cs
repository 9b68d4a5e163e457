namespace Portal.Runner.Providers.Http;

/// <summary>Reads answers of servers that may send anything: what is missing or of another kind is null, never an exception.</summary>
internal static class JsonReading
{
    public static JsonNode? Member(this JsonNode? node, string name) => (node as JsonObject)?[name];

    public static JsonNode? Item(this JsonNode? node, int index) => node is JsonArray items && index < items.Count ? items[index] : null;

    public static string? Text(this JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    public static long? Count(this JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number && node is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
}
