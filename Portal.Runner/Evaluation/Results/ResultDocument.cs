using System.Globalization;
using Portal.Runner.Evaluation.Metrics;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Evaluation.Results;

/// <summary>
/// The result of a run. Rows look like Genkit's: the test case, <c>output</c> or <c>error</c>, and <c>metrics</c>. It always fits its place: long texts
/// are cut, then rows are left out from the end, and <c>truncated</c> says so; counts and averages are those of all rows.
/// </summary>
internal sealed class ResultDocument(EvaluationOptions options, IReadOnlyList<NamedMetric> metrics, Judge? judge)
{
    private const int MaxText = 16 * 1024;

    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary><c>completed</c>, <c>interrupted</c> or <c>unreachable</c>.</summary>
    public required string Status { get; init; }
    public required int Total { get; init; }

    /// <summary>Rows that were run, in the order of the dataset.</summary>
    public required IReadOnlyList<RowResult> Rows { get; init; }

    /// <param name="maxBytes">Null when there is no limit.</param>
    public byte[] Write(int? maxBytes)
    {
        var written = Rows.Select(row => RowObject(row).ToJsonString(EvaluationJson.Compact)).ToList();
        var head = Head();
        var room = (maxBytes ?? int.MaxValue) - System.Text.Encoding.UTF8.GetByteCount(head.ToJsonString(EvaluationJson.Compact)) - 256;
        var kept = 0;
        foreach (var row in written)
        {
            room -= System.Text.Encoding.UTF8.GetByteCount(row) + 1;
            if (room < 0)
            {
                head["truncated"] = new JsonObject { ["rows"] = kept, ["of"] = written.Count, ["reason"] = $"the result's place holds {maxBytes} bytes" };
                break;
            }

            kept++;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = EvaluationJson.Compact.Encoder }))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in head)
            {
                writer.WritePropertyName(name);
                value!.WriteTo(writer, EvaluationJson.Compact);
            }

            writer.WriteStartArray("results");
            foreach (var row in written.Take(kept))
            {
                writer.WriteRawValue(row, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>The totals alone, as short as they can be: <c>{"evalRunId", "status", "counts", "metrics": {"exact_match": {"average", "passRate"}}}</c>.</summary>
    public string WriteTotals()
    {
        var scores = new JsonObject();
        for (var index = 0; index < metrics.Count; index++)
        {
            var (summary, total) = (MetricSummary.Of(metrics[index], index, Rows), new JsonObject());
            foreach (var (name, shortName) in new[] { ("averageScore", "average"), ("passRate", "passRate"), ("errorCount", "errors") })
            {
                if (summary[name] is { } value)
                {
                    total[shortName] = value.DeepClone();
                }
            }

            scores[metrics[index].Name] = total;
        }

        var head = Head();
        return new JsonObject { ["evalRunId"] = options.RunId, ["status"] = Status, ["counts"] = head["counts"]!.DeepClone(), ["metrics"] = scores }.ToJsonString(EvaluationJson.Compact);
    }

    private JsonObject Head()
    {
        var answered = Rows.Where(static row => row.Reply.Error is null).ToList();
        var head = new JsonObject
        {
            ["evalRunId"] = options.RunId,
            ["status"] = Status,
            ["startedAt"] = Iso(StartedAt),
            ["finishedAt"] = Iso(FinishedAt),
            ["flow"] = Named(options.FlowName, "url", options.FlowAddress.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)),
            ["dataset"] = Named(options.DatasetName, "format", options.Dataset.Format),
            ["counts"] = new JsonObject
            {
                ["total"] = Total,
                ["answered"] = answered.Count,
                ["failed"] = Rows.Count - answered.Count,
                ["notRun"] = Total - Rows.Count,
            },
            ["metricSummaries"] = new JsonArray([.. metrics.Select((metric, index) => MetricSummary.Of(metric, index, Rows))]),
        };
        if (options.EvalName is { } name)
        {
            head.Insert(1, "eval", name);
        }

        if (answered.Count > 0)
        {
            var times = answered.Select(static row => Math.Round(row.Reply.Latency.TotalMilliseconds, 3)).Order().ToList();
            head["latencyMs"] = new JsonObject { ["average"] = Math.Round(times.Average(), 3), ["p50"] = MetricSummary.Percentile(times, 0.5), ["p95"] = MetricSummary.Percentile(times, 0.95) };
            head["usage"] = new JsonObject { ["inputTokens"] = Tokens("inputTokens"), ["outputTokens"] = Tokens("outputTokens") };
        }

        if (judge is not null)
        {
            head["judge"] = judge.Usage;
        }

        return head;

        long Tokens(string kind) => answered.Sum(row => row.Reply.Usage?[kind].Count() ?? 0);
    }

    private JsonObject RowObject(RowResult result)
    {
        var (row, reply, scores) = result;
        var written = new JsonObject { ["testCaseId"] = row.Id, ["input"] = Cut(row.Input) };
        if (row.Reference is not null)
        {
            written["reference"] = Cut(row.Reference);
        }

        if (row.Context is not null)
        {
            written["context"] = Cut(row.Context);
        }

        written[reply.Error is null ? "output" : "error"] = reply.Error is null ? Cut(reply.Output) : reply.Error;
        written["latencyMs"] = Math.Round(reply.Latency.TotalMilliseconds, 3);
        if (reply.Attempts > 1)
        {
            written["attempts"] = reply.Attempts;
        }

        if (reply.Usage is not null)
        {
            written["usage"] = reply.Usage.DeepClone();
        }

        written["traceIds"] = reply.TraceId is null ? new JsonArray() : new JsonArray(reply.TraceId);
        written["metrics"] = new JsonArray([.. scores.Select((score, index) => ScoreObject(metrics[index], score))]);
        return written;
    }

    private static JsonObject ScoreObject(NamedMetric metric, Score score)
    {
        var written = new JsonObject { ["evaluator"] = MetricSummary.EvaluatorOf(metric) };
        Add("score", score.Value is { } value ? JsonValue.Create(value) : null);
        Add("status", score.Pass is { } pass ? (pass ? "PASS" : "FAIL") : score.Error is null ? "UNKNOWN" : null);
        Add("rationale", Cut(score.Rationale));
        Add("error", score.Error);
        return written;

        void Add(string name, JsonNode? node)
        {
            if (node is not null)
            {
                written[name] = node;
            }
        }
    }

    private static JsonObject Named(string? name, string field, string value) =>
        name is null ? new JsonObject { [field] = value } : new JsonObject { ["name"] = name, [field] = value };

    /// <summary>The value as it is, or the beginning of its text when it is long.</summary>
    private static JsonNode? Cut(JsonNode? value)
    {
        var text = EvaluationJson.TextOf(value);
        if (text.Length <= MaxText)
        {
            return value?.DeepClone();
        }

        var end = char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, end)}… ({text.Length} characters)");
    }

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
