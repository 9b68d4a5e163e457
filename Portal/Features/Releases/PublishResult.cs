namespace Portal.Features.Releases;

public enum PublishOutcome
{
    Published,

    /// <summary>Promised, but the cluster could not be reached; it is tried again until it answers.</summary>
    Pending,

    /// <summary>Somebody else owns the content.</summary>
    Conflict,

    /// <summary>What is in the cluster is not what the reviewers saw.</summary>
    Stale,

    /// <summary>The cluster said no.</summary>
    Refused,
}

/// <param name="Manager">Who, such as <c>kubectl-edit</c>.</param>
/// <param name="Field">Which field, such as <c>.spec.content</c>.</param>
public sealed record FieldOwner(string Manager, string Field);

/// <summary>What the cluster answered about one object.</summary>
public sealed record PublishResult(PublishOutcome Outcome, string Message)
{
    /// <summary>Who owns what, on a conflict.</summary>
    public IReadOnlyList<FieldOwner> Owners { get; init; } = [];

    public long? Generation { get; init; }
    public string? ResourceVersion { get; init; }
}
