using System.Globalization;

namespace Portal.Runner.Engine;

internal static class JsonNumbers
{
    /// <summary>The number a node holds, whether it was parsed or made from a .NET number of any type; null for anything else.</summary>
    public static double? Number(this JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number && double.TryParse(node.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;
}
