using Portal.Dotprompt.Diagnostics;

namespace Portal.Features.Prompts;

public sealed record PublishRequest
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public required string Content { get; init; }

    /// <summary>Takes fields over that other managers own.</summary>
    public bool Force { get; init; }

    /// <summary>Whether <see cref="ExpectedContent"/> counts.</summary>
    public bool CheckExpected { get; init; }

    /// <summary>What the author saw as published; null when nothing was. Another text there refuses the publish.</summary>
    public string? ExpectedContent { get; init; }
}

public enum PublishOutcome
{
    Published,

    /// <summary>Recorded, but the cluster could not be reached; it is tried again until it answers.</summary>
    Pending,

    /// <summary>The document has errors or cannot be stored.</summary>
    Invalid,

    /// <summary>Somebody else owns the content.</summary>
    Conflict,

    /// <summary>The published text is not the one the author saw.</summary>
    Stale,

    /// <summary>The cluster said no.</summary>
    Refused,
}

/// <param name="Manager">Who, such as <c>kubectl-edit</c>.</param>
/// <param name="Field">Which field, such as <c>.spec.content</c>.</param>
public sealed record FieldOwner(string Manager, string Field);

public sealed record PublishResult(PublishOutcome Outcome, string Message)
{
    /// <summary>What forbids it, when the document is invalid.</summary>
    public IReadOnlyList<Diagnostic> Problems { get; init; } = [];

    /// <summary>Who owns what, on a conflict.</summary>
    public IReadOnlyList<FieldOwner> Owners { get; init; } = [];

    public long? Generation { get; init; }
    public string? ResourceVersion { get; init; }
}
