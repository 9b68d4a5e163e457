using Portal.Data;

namespace Portal.Features.Releases.States;

/// <summary>Where a request stands, with all that decides what may happen next.</summary>
public sealed record ReleaseState
{
    public required ReleaseStatus Status { get; init; }

    /// <summary>The exact content that is agreed to.</summary>
    public required string Hash { get; init; }

    public required string RequesterId { get; init; }

    /// <summary>Everyone who wrote a part of the content.</summary>
    public required IReadOnlyList<string> Authors { get; init; }

    /// <summary>Whether all of them may publish without review where the policy asks for none.</summary>
    public required bool MayPublish { get; init; }

    /// <summary>The last word of each reviewer.</summary>
    public IReadOnlyList<Review> Reviews { get; init; } = [];

    public DateTimeOffset? PublishAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why the policy was set aside; null when it was kept.</summary>
    public string? Bypass { get; init; }

    /// <summary>Why publishing failed.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether it waits for people or time.</summary>
    public bool IsWaiting => Status is ReleaseStatus.Open or ReleaseStatus.ChangesRequested or ReleaseStatus.Approved;

    /// <summary>Whether nothing can happen to it any more.</summary>
    public bool IsOver => Status is ReleaseStatus.Published or ReleaseStatus.Rejected or ReleaseStatus.Withdrawn or ReleaseStatus.Expired;
}

public enum ReviewVerdict
{
    Approved,
    ChangesRequested,
}

/// <param name="Hash">The content that was looked at.</param>
/// <param name="Groups">Those of the reviewer's groups that the policy asked for then.</param>
public sealed record Review(string ActorId, string ActorName, ReviewVerdict Verdict, string Hash, IReadOnlyList<string> Groups)
{
    private const string EvalPrefix = "eval:";

    /// <summary>The actor under which the result of an Eval stands among the reviews: it is about one content like theirs, and agrees for nobody.</summary>
    public static string ActorOf(string eval) => EvalPrefix + eval;

    /// <summary>The Eval whose result this is; null for a person's word.</summary>
    public string? Eval() => ActorId.StartsWith(EvalPrefix, StringComparison.Ordinal) ? ActorId[EvalPrefix.Length..] : null;
}

/// <summary>Who acts, with what the rules ask about them. All of it is about the namespaces of the request.</summary>
public sealed record Participant
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Whether it is a person: programs may ask, but never agree.</summary>
    public required bool IsPerson { get; init; }

    public bool MaySubmit { get; init; }
    public bool MayApprove { get; init; }

    /// <summary>Whether they may publish without review where the policy asks for none.</summary>
    public bool MayPublish { get; init; }

    public bool MayBypass { get; init; }
    public IReadOnlySet<string> Groups { get; init; } = new HashSet<string>();
}
