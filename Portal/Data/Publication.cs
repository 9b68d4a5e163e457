namespace Portal.Data;

/// <summary>
/// One publish of an object: written before the cluster is asked, finished after, so that a crash in between repeats it. Times in UTC.
/// </summary>
public sealed class Publication
{
    public required string Id { get; set; }
    public string Kind { get; set; } = "Prompt";
    public required string Namespace { get; set; }
    public required string Name { get; set; }
    public required string Content { get; set; }
    public string? Description { get; set; }

    /// <summary>Whether fields of other managers were taken over.</summary>
    public bool Force { get; set; }

    /// <summary>Whether the object is to go; there is no content then.</summary>
    public bool Deletes { get; set; }

    public required PublicationState State { get; set; }
    public required DateTime RequestedAt { get; set; }
    public DateTime? FinishedAt { get; set; }

    /// <summary>Why it was refused.</summary>
    public string? Message { get; set; }

    /// <summary>The request it carries out.</summary>
    public long? ReleaseId { get; set; }

    public int? Revision { get; set; }

    /// <summary>What the reviewers saw in the cluster; null when there was nothing.</summary>
    public string? LiveHash { get; set; }

    /// <summary>JSON: the object's annotations, which say who agreed.</summary>
    public string? Annotations { get; set; }

    public string? Uid { get; set; }
    public long? Generation { get; set; }
    public string? ResourceVersion { get; set; }
}

public enum PublicationState
{
    /// <summary>Promised; the cluster has not answered yet.</summary>
    Pending,

    Published,

    /// <summary>The cluster said no; it will not be tried again.</summary>
    Refused,
}
