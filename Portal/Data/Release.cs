namespace Portal.Data;

/// <summary>A request to publish. <see cref="Version"/> grows with every change, so that two that change it at once notice. Times in UTC.</summary>
public sealed class Release
{
    public long Id { get; set; }
    public long Version { get; set; }
    public required string Environment { get; set; }
    public required string Message { get; set; }
    public required ReleaseStatus Status { get; set; }

    /// <summary>What is agreed to: SHA-256 over every object, its revision and its target, and the time it is planned for.</summary>
    public required string Hash { get; set; }

    public required string RequesterId { get; set; }
    public required string RequesterName { get; set; }

    /// <summary>Whether everyone who wrote a part of it may publish without review, where the policy asks for none.</summary>
    public required bool MayPublish { get; set; }

    /// <summary>JSON: ids of everyone who wrote a part of it.</summary>
    public required string Authors { get; set; }

    /// <summary>JSON: the last word of each reviewer.</summary>
    public required string Reviews { get; set; }

    public required DateTime CreatedAt { get; set; }
    public required DateTime UpdatedAt { get; set; }

    /// <summary>Not before.</summary>
    public DateTime? PublishAt { get; set; }

    public DateTime? ExpiresAt { get; set; }

    /// <summary>Why the policy was set aside.</summary>
    public string? Bypass { get; set; }

    /// <summary>Why publishing failed.</summary>
    public string? Problem { get; set; }
}

public enum ReleaseStatus
{
    /// <summary>Waits for reviewers.</summary>
    Open,

    /// <summary>A reviewer asked for another content; that reviewer's approval or a new content opens it again.</summary>
    ChangesRequested,

    /// <summary>Agreed; waits for its time or for the end of a freeze.</summary>
    Approved,

    /// <summary>Promised to the cluster: it is tried until the cluster answers.</summary>
    Publishing,

    Published,

    /// <summary>The cluster said no. It can be tried again.</summary>
    Failed,

    Rejected,
    Withdrawn,
    Expired,
}

/// <summary>One object of a request.</summary>
public sealed class ReleaseItem
{
    public required long ReleaseId { get; set; }
    public required int Position { get; set; }
    public required string Kind { get; set; }
    public required string Namespace { get; set; }
    public required string Name { get; set; }
    public required int Revision { get; set; }
    public required string Hash { get; set; }

    /// <summary>Of the object in the cluster when it was submitted; null when there was none.</summary>
    public string? LiveHash { get; set; }

    /// <summary>Whether fields of other managers are taken over.</summary>
    public bool Force { get; set; }

    /// <summary>Whether the object is to go; its <see cref="Revision"/> is then the newest one, 0 when there is none.</summary>
    public bool Deletes { get; set; }

    /// <summary>For people: <c>Prompt hello r3</c>.</summary>
    public string InWords() => Deletes ? $"deletion of {Kind} {Name}" : $"{Kind} {Name} r{Revision}";
}

/// <summary>Something that happened to a request. Never changed once written.</summary>
public sealed class ReleaseEvent
{
    public long Id { get; set; }
    public required long ReleaseId { get; set; }
    public required DateTime At { get; set; }
    public required string ActorId { get; set; }
    public required string ActorName { get; set; }

    /// <summary>A word such as <c>approved</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>Of the request at that time.</summary>
    public required string Hash { get; set; }

    public string? Comment { get; set; }
}
