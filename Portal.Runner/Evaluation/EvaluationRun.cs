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
/// <param name="timeProvider">Waits for budgets.</param>
/// <param name="logger">Log.</param>
internal sealed partial class EvaluationRun(
    FlowClient flow, IReadOnlyList<NamedMetric> metrics, EvaluationAccount? account, int concurrency, int progressEvery, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>So many rows without any answer of the route, and none with one: the rest would fare no better.</summary>
    private const int HopelessRows = 20;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);
    private readonly Lock _lock = new();
    private int _done;
    private int _failed;
    private bool _reached;
    private int _refused;

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
        var reply = await AskAsync(row, cancellationToken);
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

    /// <summary>Asks until no budget refuses: the flow knows of one that the run itself used up before the run does. A budget may be raised any time.</summary>
    private async Task<FlowReply> AskAsync(DatasetRow row, CancellationToken cancellationToken)
    {
        for (var pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            if (account is not null)
            {
                await account.WaitForFlowAsync(cancellationToken);
            }

            var reply = await flow.CallAsync(row.Input, cancellationToken);
            if (reply.RefusedFor is not { } left)
            {
                return reply;
            }

            if (Interlocked.Exchange(ref _refused, 1) == 0)
            {
                Log.Refused(logger, reply.Error);
            }

            await Task.Delay(left > pause ? pause : left > s_firstPause ? left : s_firstPause, timeProvider, cancellationToken);
        }
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

        [LoggerMessage(2, LogLevel.Warning, "Rows that a budget refuses are asked again until it does not: {Reason}")]
        public static partial void Refused(ILogger logger, string? reason);
    }
}
