using System.Globalization;
using Portal.Operator.Evals;

namespace Portal.Features.Health.Resources;

/// <summary>What the last run of an Eval found, as the runner wrote it. Only what is a number is read; the rest is shown as it is.</summary>
/// <param name="Scores">Name and value of each number at the top of the document, then of each metric.</param>
/// <param name="Document">All of it, as indented JSON.</param>
public sealed record EvalResult(IReadOnlyList<(string Name, double Value)> Scores, string Document)
{
    private const int MaxDocument = 100_000;
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For lists, such as <c>passRate 0.5</c>; null when there is no number.</summary>
    public string? Line => Scores.Count == 0 ? null : string.Join(", ", Scores.Take(3).Select(score => string.Create(CultureInfo.InvariantCulture, $"{score.Name} {score.Value:0.###}")));

    /// <summary>Null when it has not run.</summary>
    public static EvalResult? Of(Eval eval)
    {
        if (eval.Json["status"]?["lastRunResult"] is not { } result)
        {
            return null;
        }

        var metrics = (result["metrics"] as JsonObject ?? []).SelectMany(metric => NumbersOf(metric.Value).Select(number => ($"{metric.Key} {number.Name}", number.Value)));
        var document = result.ToJsonString(s_indented);
        return new EvalResult([.. NumbersOf(result), .. metrics], document.Length > MaxDocument ? document[..MaxDocument] + "\n…" : document);
    }

    private static IEnumerable<(string Name, double Value)> NumbersOf(JsonNode? node) => (node as JsonObject ?? [])
        .Where(member => member.Value is JsonValue value && value.GetValueKind() == JsonValueKind.Number)
        .Select(member => (member.Key, double.TryParse(member.Value!.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : double.NaN))
        .Where(score => double.IsFinite(score.Item2));
}
