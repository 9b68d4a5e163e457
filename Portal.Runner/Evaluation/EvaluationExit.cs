namespace Portal.Runner.Evaluation;

/// <summary>Exit codes of an evaluation. Rows that score badly or fail one by one are no failure of the run.</summary>
internal enum EvaluationExit
{
    Done = 0,
    BadConfiguration = 2,
    DatasetUnreadable = 3,

    /// <summary>Not one row got an answer of the flow's route.</summary>
    FlowUnreachable = 4,

    /// <summary>The result could not be written; it is on standard output.</summary>
    SinkFailed = 5,

    /// <summary>Stopped by a signal; the result says <c>interrupted</c>. As shells count SIGTERM.</summary>
    Interrupted = 143,
}

/// <summary>An evaluation cannot go on. The message is one line for the person who wrote the Eval, and holds no secret.</summary>
internal sealed class EvaluationException(EvaluationExit exit, string message, Exception? inner = null) : Exception(message, inner)
{
    public EvaluationExit Exit { get; } = exit;
}
