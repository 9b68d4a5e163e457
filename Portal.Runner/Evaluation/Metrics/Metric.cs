using Portal.Runner.Evaluation.Datasets;

namespace Portal.Runner.Evaluation.Metrics;

/// <summary>One measure of an answer.</summary>
internal interface IMetric
{
    /// <summary>Scores an answer the flow gave. Throws nothing but cancellation: what cannot be scored is a <see cref="Score.Failed"/>.</summary>
    Task<Score> ScoreAsync(DatasetRow row, FlowReply reply, CancellationToken cancellationToken);
}

/// <summary>A metric with the name it was asked for by, such as <c>regex:^a</c>.</summary>
internal sealed record NamedMetric(string Name, IMetric Metric);

/// <summary>What a metric says of one answer.</summary>
internal sealed record Score
{
    /// <summary>0 to 1, milliseconds, or money; null when it cannot be said.</summary>
    public double? Value { get; init; }

    /// <summary>Whether it is good enough; null when no threshold was given.</summary>
    public bool? Pass { get; init; }
    public string? Rationale { get; init; }

    /// <summary>Why there is no score.</summary>
    public string? Error { get; init; }

    public static Score Of(bool holds, string? rationale = null) => new() { Value = holds ? 1 : 0, Pass = holds, Rationale = rationale };

    /// <summary>A value that passes from <paramref name="atLeast"/> on.</summary>
    public static Score AtLeast(double value, double? atLeast, string? rationale = null) =>
        new() { Value = Math.Round(value, 6), Pass = atLeast is { } least ? value >= least : null, Rationale = rationale };

    public static Score Failed(string error) => new() { Error = error };
}

/// <summary>A metric that is a function of the row and the answer.</summary>
internal sealed class PlainMetric(Func<DatasetRow, FlowReply, Score> score) : IMetric
{
    public Task<Score> ScoreAsync(DatasetRow row, FlowReply reply, CancellationToken cancellationToken) => Task.FromResult(score(row, reply));
}
