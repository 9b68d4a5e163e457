namespace Portal.ApiServer.Tables;

/// <summary>
/// A column of a <c>meta.k8s.io/v1 Table</c>. Priority 0 is always shown, higher with <c>-o wide</c>. A cell of null is JSON null.
/// </summary>
internal sealed record TableColumn(
    string Name, Func<JsonObject, DateTimeOffset, JsonNode?> Cell, string Type = "string", string Format = "", string Description = "", int Priority = 0)
{
    public static TableColumn NameColumn { get; } = new(
        "Name", (target, _) => Text(target, "metadata", "name"), Format: "name", Description: "Name, unique within the namespace.");

    public static TableColumn Age { get; } = new(
        "Age", (target, now) => HumanDuration.Since(target["metadata"]?["creationTimestamp"], now), Description: "Time since the object was stored first.");

    /// <summary>The text at a path of names; empty when there is none.</summary>
    internal static string Text(JsonNode? node, params ReadOnlySpan<string> path) => At(node, path)?.ToString() ?? "";

    internal static JsonNode? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = (node as JsonObject)?[step];
        }

        return node;
    }
}
