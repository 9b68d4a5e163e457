using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Evaluation.Metrics;

/// <summary>
/// Prices of a million tokens by model: <c>{"openai/gpt-5": {"input": 1.25, "output": 10, "cachedInput": 0.125, "cacheWrite": 0}}</c>. The model <c>*</c> is
/// all others. Without <c>cachedInput</c> or <c>cacheWrite</c> these cost as much as <c>input</c>.
/// </summary>
internal sealed class Prices
{
    private static readonly string[] s_kinds = ["input", "output", "cachedInput", "cacheWrite"];
    private readonly JsonObject _models;

    /// <exception cref="FormatException">Names the model and the field.</exception>
    public Prices(JsonNode? models)
    {
        _models = models as JsonObject ?? throw new FormatException("must be an object such as {\"openai/gpt-5\": {\"input\": 1.25, \"output\": 10}}");
        foreach (var (model, price) in _models)
        {
            if (price is not JsonObject members)
            {
                throw new FormatException($"\"{model}\" must be an object with {string.Join(", ", s_kinds)}");
            }

            foreach (var (kind, value) in members)
            {
                if (!s_kinds.Contains(kind) || value.Number() is not >= 0)
                {
                    throw new FormatException($"\"{model}\".{kind} must be one of {string.Join(", ", s_kinds)}, and a number from 0");
                }
            }

            if (!members.ContainsKey("input") || !members.ContainsKey("output"))
            {
                throw new FormatException($"\"{model}\" needs input and output");
            }
        }
    }

    /// <returns>The cost, or why it is not known.</returns>
    public (double? Cost, string? Problem) CostOf(JsonObject? usage)
    {
        if (usage?["model"].Text() is not { } name)
        {
            return (null, "the flow does not say what it used");
        }

        var model = $"{usage["provider"].Text()}/{name}";
        if ((_models[model] ?? _models[name] ?? _models["*"]) is not JsonObject price)
        {
            return (null, $"EVAL_PRICES has no price for {model}");
        }

        if (usage["inputTokens"].Count() is not { } input || usage["outputTokens"].Count() is not { } output)
        {
            return (null, $"{model} does not say how many tokens it used");
        }

        var (cached, written) = (usage["cachedInputTokens"].Count() ?? 0, usage["cacheWriteTokens"].Count() ?? 0);
        var perMillion = (Math.Max(0, input - cached - written) * Of("input")) + (cached * Of("cachedInput")) + (written * Of("cacheWrite")) + (output * Of("output"));
        return (perMillion / 1_000_000, null);

        double Of(string kind) => (price[kind] ?? price["input"]).Number() ?? 0;
    }
}
