namespace Portal.Features.Releases.States;

public enum RefusalReason
{
    /// <summary>This person may not do it.</summary>
    Forbidden,

    /// <summary>The request is not as the person saw it.</summary>
    Conflict,

    NotFound,

    /// <summary>Something is missing from the command.</summary>
    Invalid,
}

public sealed record Refusal(RefusalReason Reason, string Message);

/// <summary>A word for the history, with what was said.</summary>
public sealed record ReleaseStep(string Kind, string? Comment = null);

/// <summary>What a command leads to: another state with the steps that led there, or a refusal. No step means that nothing changes.</summary>
public sealed record ReleaseDecision
{
    public required ReleaseState State { get; init; }
    public IReadOnlyList<ReleaseStep> Steps { get; init; } = [];
    public Refusal? Refusal { get; init; }
}
