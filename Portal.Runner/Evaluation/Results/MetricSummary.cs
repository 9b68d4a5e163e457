using Portal.Runner.Evaluation.Metrics;

namespace Portal.Runner.Evaluation.Results;

/// <summary>A metric over all rows, in the shape of Genkit's summaries and a few fields more.</summary>
internal static class MetricSummary
{
    public static JsonObject Of(NamedMetric metric, int index, IReadOnlyList<RowResult> rows)
    {
        var scores = rows.Where(static row => row.Reply.Error is null).Select(row => row.Scores[index]).ToList();
        var values = scores.Select(static score => score.Value).OfType<double>().Order().ToList();
        var (passed, failed) = (scores.Count(static score => score.Pass is true), scores.Count(static score => score.Pass is false));
        var summary = new JsonObject
        {
            ["evaluator"] = EvaluatorOf(metric),
            ["testCaseCount"] = rows.Count,
            ["errorCount"] = rows.Count - scores.Count + scores.Count(static score => score.Error is not null),
            ["scoreUndefinedCount"] = scores.Count(static score => score is { Error: null, Value: null }),
            ["statusDistribution"] = new JsonObject { ["PASS"] = passed, ["FAIL"] = failed, ["UNKNOWN"] = rows.Count - passed - failed },
        };
        if (values.Count > 0)
        {
            summary["averageScore"] = Math.Round(values.Average(), 6);
            summary["p50"] = Percentile(values, 0.5);
            summary["p95"] = Percentile(values, 0.95);
        }

        if (passed + failed > 0)
        {
            // Rows that failed pass nothing: a flow that answers one row of ten rightly has not passed.
            summary["passRate"] = Math.Round((double)passed / rows.Count, 6);
        }

        return summary;
    }

    public static string EvaluatorOf(NamedMetric metric) => $"/evaluator/{metric.Name}";

    /// <summary>Nearest rank, of values in ascending order.</summary>
    public static double Percentile(IReadOnlyList<double> ordered, double share) => ordered[Math.Max(0, (int)Math.Ceiling(share * ordered.Count) - 1)];
}
