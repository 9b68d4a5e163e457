namespace Portal.Features.Flows.Logs;

/// <summary>What comes from a pod's log.</summary>
public abstract record LogPiece
{
    /// <param name="Time">When it was printed; null when the server does not say.</param>
    /// <param name="Text">Without the line's end, safe to show: no control characters, at most <see cref="LineSplitter.LongestLine"/> long.</param>
    public sealed record Line(DateTimeOffset? Time, string Text) : LogPiece;

    /// <summary>The pod printed more than can be followed: what came in between is left out.</summary>
    public sealed record Skipped : LogPiece;

    /// <param name="Why">Null when the container ended.</param>
    public sealed record Ended(string? Why) : LogPiece;
}

/// <summary>Which log.</summary>
/// <param name="Tail">How many of the last lines to begin with.</param>
public sealed record LogRequest(string Namespace, string Pod, int Tail)
{
    /// <summary>Null for the only container.</summary>
    public string? Container { get; init; }

    /// <summary>The run before the present one, which has ended.</summary>
    public bool Previous { get; init; }

    /// <summary>Whether its container may be started again after it has ended.</summary>
    public bool GoesOn { get; init; }

    /// <summary>What the API server is asked.</summary>
    public string Query(bool follow) =>
        $"?timestamps=true&tailLines={Tail}{(follow && !Previous ? "&follow=true" : "")}{(Previous ? "&previous=true" : "")}{(Container is { } container ? $"&container={Uri.EscapeDataString(container)}" : "")}";
}
