using Portal.Data;
using Portal.Dotprompt.Diagnostics;
using Portal.Features.Releases.States;

namespace Portal.Features.Releases;

/// <summary>What somebody wants published, and where.</summary>
public sealed record ReleaseSubmission
{
    /// <summary>The environment: its namespaces are the targets. Null takes <see cref="Namespace"/> alone.</summary>
    public string? Environment { get; init; }

    public string? Namespace { get; init; }

    public required IReadOnlyList<ReleaseObject> Objects { get; init; }

    /// <summary>What changes, and why.</summary>
    public string Message { get; init; } = "";

    /// <summary>Not before; null as soon as it is agreed.</summary>
    public DateTimeOffset? PublishAt { get; init; }

    /// <summary>Why the policy is set aside; null keeps it.</summary>
    public string? BreakGlass { get; init; }
}

/// <param name="Content">A prompt's document; of other kinds the spec as JSON.</param>
public sealed record ReleaseObject(string Kind, string Name, string Content)
{
    /// <summary>Takes fields over that other managers own.</summary>
    public bool Force { get; init; }

    /// <summary>Takes the object away; it has no content then.</summary>
    public bool Deletes { get; init; }

    /// <summary>The older revision this brings back.</summary>
    public int? RollbackOf { get; init; }

    /// <summary>The hash of what its author saw in the cluster, empty for nothing; another content there refuses it. Null does not look.</summary>
    public string? SeenHash { get; init; }
}

/// <summary>How a command on a request ended.</summary>
public sealed record ReleaseResult
{
    /// <summary>The request as it is now; null when there is none.</summary>
    public Release? Release { get; init; }

    /// <summary>Why nothing was done; null when it was.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>What is wrong with a document.</summary>
    public IReadOnlyList<Diagnostic> Problems { get; init; } = [];

    /// <summary>What the cluster answered, when it was published with this command.</summary>
    public IReadOnlyList<PublishResult> Published { get; init; } = [];

    public static ReleaseResult Refused(RefusalReason reason, string message) => new() { Refusal = new Refusal(reason, message) };
}
