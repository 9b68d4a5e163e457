using Portal.Runner.Evaluation.Datasets;
using Portal.Runner.Evaluation.Metrics;

namespace Portal.Runner.Evaluation.Results;

/// <summary>What came of one row.</summary>
/// <param name="Row">The row.</param>
/// <param name="Reply">The flow's answer.</param>
/// <param name="Scores">One for each metric, in their order; empty when the call failed.</param>
internal sealed record RowResult(DatasetRow Row, FlowReply Reply, IReadOnlyList<Score> Scores);
