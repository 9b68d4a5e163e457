using System.Globalization;
using Portal.Operator.Evals;

namespace Portal.Features.Health.Resources;

/// <summary>What the last run of an Eval found, as the runner wrote it. Summaries of metrics and numbers are read; the rest is shown as it is.</summary>
/// <param name="Scores">Name and value: of each metric's summary, then how many samples were answered; of other documents each number at the top and below <c>metrics</c>.</param>
/// <param name="Document">All of it, as indented JSON.</param>
public sealed record EvalResult(IReadOnlyList<(string Name, string Text)> Scores, string Document)
{
    private const int MaxDocument = 100_000;
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For lists, such as <c>contains 50 % passed</c>; null when there is no number.</summary>
    public string? Line => Scores.Count == 0 ? null : string.Join(", ", Scores.Take(3).Select(score => $"{score.Name} {score.Text}"));

    /// <summary>Null when it has not run.</summary>
    public static EvalResult? Of(Eval eval)
    {
        if (eval.Json["status"]?["lastRunResult"] is not { } result)
        {
            return null;
        }

        var metrics = (result["metrics"] as JsonObject ?? []).SelectMany(metric => NumbersOf(metric.Value).Select(number => ($"{metric.Key} {number.Name}", number.Text)));
        var document = result.ToJsonString(s_indented);
        return new EvalResult([.. SummariesOf(result), .. NumbersOf(result), .. metrics], document.Length > MaxDocument ? document[..MaxDocument] + "\n…" : document);
    }

    private static IEnumerable<(string Name, string Text)> SummariesOf(JsonNode result)
    {
        foreach (var summary in (result["metricSummaries"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var name = summary["evaluator"] is JsonValue value && value.TryGetValue(out string? evaluator) ? evaluator[(evaluator.LastIndexOf('/') + 1)..] : "metric";
            if (NumberOf(summary["passRate"]) is { } rate)
            {
                yield return (name, string.Create(CultureInfo.InvariantCulture, $"{rate * 100:0.#} % passed"));
            }
            else if (NumberOf(summary["averageScore"]) is { } average)
            {
                yield return (name, string.Create(CultureInfo.InvariantCulture, $"{average:0.###} on average"));
            }
        }

        if (result["counts"] is JsonObject counts && NumberOf(counts["answered"]) is { } answered && NumberOf(counts["total"]) is { } total)
        {
            yield return ("answered", string.Create(CultureInfo.InvariantCulture, $"{answered} of {total}"));
        }
    }

    private static IEnumerable<(string Name, string Text)> NumbersOf(JsonNode? node) => (node as JsonObject ?? [])
        .Select(member => (member.Key, Number: NumberOf(member.Value)))
        .Where(member => member.Number is not null)
        .Select(member => (member.Key, member.Number!.Value.ToString("0.###", CultureInfo.InvariantCulture)));

    private static double? NumberOf(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number : null;
}
