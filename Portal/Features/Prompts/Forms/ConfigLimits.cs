using Portal.Operator.Models;

namespace Portal.Features.Prompts.Forms;

/// <summary>A setting of a model, and what it may be.</summary>
/// <param name="Key">As it is written in <c>config</c>.</param>
/// <param name="Maximum">Null where the provider tells no bound that holds for all its models.</param>
/// <param name="Step">1 for whole numbers.</param>
/// <param name="Default">What the Model object says; null when it says nothing.</param>
public sealed record ConfigLimit(string Key, string Label, string Meaning, double Minimum, double? Maximum, double Step, string? Default = null)
{
    public bool IsWhole => Step >= 1;
}

/// <summary>The settings every Genkit model knows, within what a provider takes.</summary>
public static class ConfigLimits
{
    private static readonly HashSet<string> s_upToOne = new(StringComparer.OrdinalIgnoreCase) { "anthropic", "bedrock" };
    private static readonly HashSet<string> s_withoutTopK = new(StringComparer.OrdinalIgnoreCase) { "openai", "azureaifoundry", "azure-ai-foundry" };

    /// <param name="provider">Null when the prompt names no model: what any provider takes.</param>
    /// <param name="model">Its defaults, and the bounds of <c>info.configSchema</c> where it gives some.</param>
    public static IReadOnlyList<ConfigLimit> For(string? provider, ModelSpec? model)
    {
        var schema = (model?.Info as JsonObject)?["configSchema"]?["properties"] as JsonObject;
        var defaults = model?.DefaultConfig as JsonObject;
        IEnumerable<ConfigLimit> all =
        [
            new("temperature", "Temperature", "0 is focused, more is varied", 0, provider is not null && s_upToOne.Contains(provider) ? 1 : 2, 0.05),
            new("topP", "Top P", "samples from the likeliest tokens of this total probability", 0, 1, 0.05),
            new("topK", "Top K", "samples from this many likeliest tokens", 1, provider?.Equals("anthropic", StringComparison.OrdinalIgnoreCase) == true ? 500 : null, 1),
            new("maxOutputTokens", "Most output tokens", "where the answer is cut off", 1, null, 1),
        ];
        return [.. all.Where(limit => limit.Key != "topK" || provider is null || !s_withoutTopK.Contains(provider))
            .Select(limit => limit with
            {
                Minimum = Number(schema?[limit.Key]?["minimum"]) ?? limit.Minimum,
                Maximum = Number(schema?[limit.Key]?["maximum"]) ?? limit.Maximum,
                Default = Number(defaults?[limit.Key])?.ToString(System.Globalization.CultureInfo.InvariantCulture),
            })];
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) ? number : null;
}
