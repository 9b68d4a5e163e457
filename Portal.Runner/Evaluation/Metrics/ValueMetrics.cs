using Portal.Runner.Engine;

namespace Portal.Runner.Evaluation.Metrics;

/// <summary>Metrics of JSON, time and money.</summary>
internal static class ValueMetrics
{
    /// <summary>The answer is the same JSON as the reference: order of keys and spelling of numbers do not count. Text that holds JSON counts as that JSON.</summary>
    public static IMetric JsonEquality() => new PlainMetric(static (row, reply) => row.Reference is null
        ? TextMetrics.NoReference
        : Score.Of(JsonNode.DeepEquals(EvaluationJson.ValueOf(reply.Output), EvaluationJson.ValueOf(row.Reference))));

    /// <summary>The answer fits a schema, or the one in the reference.</summary>
    public static IMetric JsonSchema(JsonNode? schema) => new PlainMetric((row, reply) =>
    {
        if ((schema ?? EvaluationJson.ValueOf(row.Reference)) is not { } wanted)
        {
            return Score.Failed("there is no schema: give json_schema:{…}, EVAL_OUTPUT_SCHEMA, or one in the row's reference");
        }

        if (schema is null && SchemaKeywords.FindUnchecked(wanted) is { } problem)
        {
            return Score.Failed($"the schema in the reference: {problem}");
        }

        var errors = SchemaCheck.Validate(wanted, EvaluationJson.ValueOf(reply.Output));
        return Score.Of(errors.Count == 0, errors.Count == 0 ? null : SchemaCheck.Describe(errors));
    });

    /// <summary>Milliseconds until the whole answer was there.</summary>
    public static IMetric Latency(double? mostMilliseconds) => new PlainMetric((_, reply) =>
        AtMost(Math.Round(reply.Latency.TotalMilliseconds, 3), mostMilliseconds));

    /// <summary>What the call cost, in the money of the prices.</summary>
    public static IMetric Cost(Prices prices, double? most) => new PlainMetric((_, reply) =>
    {
        var (cost, problem) = prices.CostOf(reply.Usage);
        return cost is { } known ? AtMost(known, most) : Score.Failed(problem!);
    });

    private static Score AtMost(double value, double? most) => new() { Value = value, Pass = most is { } limit ? value <= limit : null };
}
