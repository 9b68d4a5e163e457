using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Providers;

/// <summary>Tools that requests of these tests offer.</summary>
internal static class ToolSamples
{
    public static JsonObject AdviceSchema => (JsonObject)JsonNode.Parse(
        """{"type":"object","properties":{"advice":{"type":"string"},"days":{"type":"integer"}},"required":["advice","days"],"additionalProperties":false}""")!;

    public static ToolDefinition Weather { get; } = new("get_weather", "Tells the weather.", (JsonObject)JsonNode.Parse(
        """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}""")!);

    public static ToolDefinition User { get; } = new("find_user", "Tells who asks.", InputSchema: null);

    public static IReadOnlyList<ToolDefinition> Both { get; } = [Weather, User];
}
