using System.Text;
using Portal.Runner.Evaluation.Datasets;
using Portal.Runner.Evaluation.Metrics;

namespace Portal.Runner.Evaluation;

/// <summary>A row of a dataset to measure an answer on.</summary>
public sealed class MeasuredRow
{
    internal MeasuredRow(DatasetRow row) => Row = row;

    public string Id => Row.Id;

    /// <summary>What a flow would get.</summary>
    public JsonNode? Input => Row.Input;

    internal DatasetRow Row { get; }
}

/// <summary>
/// The metrics of an Eval over answers that somebody else got, by the same rules as a run of it. Those that need a judge or a price list cannot be had this way.
/// </summary>
public sealed class Measurement
{
    private readonly IReadOnlyList<NamedMetric> _metrics;

    private Measurement(IReadOnlyList<NamedMetric> metrics) => _metrics = metrics;

    /// <exception cref="FormatException">A metric is unknown, its argument is wrong, or it needs a judge or prices.</exception>
    public static Measurement Of(IEnumerable<string> metrics)
    {
        var parts = new MetricParts(null, null, new Lazy<Judge>(static () => throw new FormatException("there is none here")), static text => JsonNode.Parse(text));
        return new Measurement([.. metrics.Select(metric => MetricCatalog.Create(metric, parts))]);
    }

    /// <param name="text">The samples.</param>
    /// <param name="format"><c>json</c>, <c>jsonl</c> or <c>csv</c>.</param>
    /// <exception cref="FormatException">They cannot be read; names the row and the field.</exception>
    public static IReadOnlyList<MeasuredRow> Rows(string text, string format) =>
        [.. DatasetParser.Parse(Encoding.UTF8.GetBytes(text), format, null).Select(row => new MeasuredRow(row))];

    /// <summary>Why an answer is not good enough; null when every metric passes or sets no threshold.</summary>
    public async Task<string?> FindFaultAsync(MeasuredRow row, JsonNode? output, TimeSpan latency, CancellationToken cancellationToken)
    {
        var reply = new FlowReply { Output = output, Latency = latency };
        foreach (var (name, metric) in _metrics)
        {
            var score = await metric.ScoreAsync(row.Row, reply, cancellationToken);
            if (score.Error is not null || score.Pass == false)
            {
                return score.Error is { } error ? $"{name}: {error}" : $"{name} does not pass{(score.Rationale is { } why ? $": {why}" : "")}";
            }
        }

        return null;
    }
}
