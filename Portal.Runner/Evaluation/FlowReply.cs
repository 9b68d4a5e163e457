namespace Portal.Runner.Evaluation;

/// <summary>What came of asking the flow about one row.</summary>
internal sealed record FlowReply
{
    /// <summary>The flow's result: text, or a JSON value; null when the call failed.</summary>
    public JsonNode? Output { get; init; }

    /// <summary>Why there is no output; null when there is.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the flow's route answered at all, be it with an error.</summary>
    public bool Reached { get; init; } = true;

    /// <summary>Set when a used-up budget refused the call, before anything was asked or paid: how long it will, by what the flow says.</summary>
    public TimeSpan? RefusedFor { get; init; }

    /// <summary>From sending the last attempt to the end of its answer.</summary>
    public TimeSpan Latency { get; init; }
    public int Attempts { get; init; } = 1;

    /// <summary>The runner's account of the call (<c>x-genkit-usage</c>); null when the flow gives none.</summary>
    public JsonObject? Usage { get; init; }
    public string? TraceId { get; init; }

    /// <summary>The output as text: JSON values are written compactly.</summary>
    public string Text => EvaluationJson.TextOf(Output);
}
