using System.Globalization;

namespace Portal.Runner.Evaluation.Metrics;

/// <summary>What metrics are made with.</summary>
/// <param name="Prices">For <c>cost</c>; null when there are none.</param>
/// <param name="OutputSchema">For <c>json_schema</c>; null when there is none.</param>
/// <param name="Judge">For the judged ones; its first use throws <see cref="FormatException"/> when there is none.</param>
/// <param name="ReadJson">Reads JSON, or a file with JSON when the text does not begin like JSON.</param>
internal sealed record MetricParts(Prices? Prices, JsonNode? OutputSchema, Lazy<Judge> Judge, Func<string, JsonNode?> ReadJson);

/// <summary>The metrics there are: one line each. Written as <c>name</c> or <c>name:argument</c>.</summary>
internal static class MetricCatalog
{
    private const double PassingSimilarity = 0.8;
    private const double PassingJudgement = 0.7;

    private static readonly Dictionary<string, Func<string?, MetricParts, IMetric>> s_metrics = new(StringComparer.Ordinal)
    {
        ["answer_relevancy"] = static (argument, parts) => Judged(JudgeQuestions.AnswerRelevancy, argument, parts),
        ["contains"] = static (argument, _) => TextMetrics.Contains(argument),
        ["correctness"] = static (argument, parts) => Judged(JudgeQuestions.Correctness, argument, parts),
        ["cost"] = static (argument, parts) => ValueMetrics.Cost(
            parts.Prices ?? throw new FormatException("needs EVAL_PRICES, such as {\"openai/gpt-5\": {\"input\": 1.25, \"output\": 10}} (a million tokens)"),
            argument is null ? null : Number(argument, "0.01")),
        ["exact_match"] = static (argument, _) => WithoutArgument(argument, TextMetrics.ExactMatch()),
        ["faithfulness"] = static (argument, parts) => Judged(JudgeQuestions.Faithfulness, argument, parts),
        ["json_equality"] = static (argument, _) => WithoutArgument(argument, ValueMetrics.JsonEquality()),
        ["json_schema"] = static (argument, parts) => ValueMetrics.JsonSchema(argument is null ? parts.OutputSchema : SchemaKeywords.Require(parts.ReadJson(argument))),
        ["latency"] = static (argument, _) => ValueMetrics.Latency(argument is null ? null : Milliseconds(argument)),
        ["regex"] = static (argument, _) => TextMetrics.Matches(argument),
        ["similarity"] = static (argument, _) => TextMetrics.Similarity(argument is null ? PassingSimilarity : Fraction(argument)),
    };

    public static IReadOnlyCollection<string> Names => s_metrics.Keys;

    /// <summary>Names separated by commas; a JSON array of strings when an argument holds a comma.</summary>
    /// <exception cref="FormatException">It begins like an array and is none.</exception>
    public static IReadOnlyList<string> Split(string list)
    {
        if (!list.TrimStart().StartsWith('['))
        {
            return list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        }

        try
        {
            return [.. JsonNode.Parse(list)!.AsArray().Select(static item => item?.GetValue<string>().Trim() ?? "")];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FormatException("begins like a JSON array, and is no array of strings", exception);
        }
    }

    /// <exception cref="FormatException">The metric is unknown, or its argument is wrong; says what is known.</exception>
    public static NamedMetric Create(string written, MetricParts parts)
    {
        var (name, argument) = written.Split(':', 2) is [var left, var right] ? (left, right) : (written, null);
        try
        {
            return s_metrics.TryGetValue(Spelled(name), out var create)
                ? new NamedMetric(written, create(string.IsNullOrEmpty(argument) ? null : argument, parts))
                : throw new FormatException($"is unknown; known: {string.Join(", ", Names)}");
        }
        catch (FormatException exception)
        {
            throw new FormatException($"metric \"{written}\" {exception.Message}", exception);
        }
    }

    /// <summary><c>Exact-Match</c> and <c>exactMatch</c> mean <c>exact_match</c>.</summary>
    private static string Spelled(string name)
    {
        var bare = Bare(name);
        return s_metrics.Keys.FirstOrDefault(known => Bare(known) == bare) ?? name;

        static string Bare(string text) => text.Trim().Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
    }

    private static JudgedMetric Judged(JudgeQuestion question, string? argument, MetricParts parts)
    {
        var threshold = argument is null ? PassingJudgement : Fraction(argument);
        try
        {
            return new JudgedMetric(parts.Judge.Value, question, threshold);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"needs a judge: {exception.Message}", exception);
        }
    }

    private static IMetric WithoutArgument(string? argument, IMetric metric) => argument is null ? metric : throw new FormatException("takes no argument");

    private static double Fraction(string text) => Number(text, "0.8") is var number and <= 1 ? number : throw new FormatException("takes a threshold from 0 to 1");

    private static double Milliseconds(string text) => text.Trim() switch
    {
        [.. var number, 'm', 's'] => Number(number, "800ms"),
        [.. var number, 's'] => Number(number, "2s") * 1000,
        var number => Number(number, "800ms"),
    };

    private static double Number(string text, string example) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"takes a number such as {example}");
}
