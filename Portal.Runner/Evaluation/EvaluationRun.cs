using Portal.Runner.Evaluation.Datasets;
using Portal.Runner.Evaluation.Metrics;
using Portal.Runner.Evaluation.Results;

namespace Portal.Runner.Evaluation;

/// <summary>Runs the rows, some at a time. A row that fails is a result like others; a flow that never answers ends the run early.</summary>
/// <param name="flow">What is measured.</param>
/// <param name="metrics">What each answer is given to.</param>
/// <param name="account">Waited for before each row; null where no budget is asked.</param>
/// <param name="concurrency">Rows at a time.</param>
/// <param name="progressEvery">Rows a line of the log; 0 picks.</param>
/// <param name="logger">Log.</param>
internal sealed partial class EvaluationRun(
    FlowClient flow, IReadOnlyList<NamedMetric> metrics, EvaluationAccount? account, int concurrency, int progressEvery, ILogger logger)
{
    /// <summary>So many rows without any answer of the route, and none with one: the rest would fare no better.</summary>
    private const int HopelessRows = 20;
    private readonly Lock _lock = new();
    private int _done;
    private int _failed;
    private bool _reached;

    /// <summary>Whether the flow's route answered at least once.</summary>
    public bool Reached => _reached;

    /// <summary>Whether it was given up because the flow never answered.</summary>
    public bool GaveUp { get; private set; }

    /// <returns>A result a row, null for those that were not run; also when <paramref name="stop"/> was cancelled.</returns>
    public async Task<IReadOnlyList<RowResult?>> RunAsync(IReadOnlyList<DatasetRow> rows, CancellationToken stop)
    {
        var results = new RowResult?[rows.Count];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var lines = progressEvery > 0 ? progressEvery : Math.Max(1, (rows.Count + 19) / 20);
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = end.Token };
            await Parallel.ForAsync(0, rows.Count, parallel, async (index, cancellationToken) =>
            {
                var result = await RunAsync(rows[index], cancellationToken);
                results[index] = result;
                if (Count(result, rows.Count, lines))
                {
                    await end.CancelAsync();
                }
            });
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // What is there is the result.
        }

        return results;
    }

    private async Task<RowResult> RunAsync(DatasetRow row, CancellationToken cancellationToken)
    {
        if (account is not null)
        {
            await account.WaitForFlowAsync(cancellationToken);
        }

        var reply = await flow.CallAsync(row.Input, cancellationToken);
        if (reply.Error is not null)
        {
            return new RowResult(row, reply, []);
        }

        var scores = new List<Score>(metrics.Count);
        foreach (var metric in metrics)
        {
            scores.Add(await metric.Metric.ScoreAsync(row, reply, cancellationToken));
        }

        return new RowResult(row, reply, scores);
    }

    /// <summary>True when it is hopeless to go on.</summary>
    private bool Count(RowResult result, int total, int lines)
    {
        lock (_lock)
        {
            _done++;
            _failed += result.Reply.Error is null ? 0 : 1;
            _reached |= result.Reply.Reached;
            if (_done % lines == 0 || _done == total)
            {
                Log.Progress(logger, _done, total, _failed);
            }

            GaveUp = !_reached && _done >= HopelessRows && _done < total;
            return GaveUp;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Done} of {Total} rows done, {Failed} failed")]
        public static partial void Progress(ILogger logger, int done, int total, int failed);
    }
}
