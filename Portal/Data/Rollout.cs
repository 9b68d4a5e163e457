namespace Portal.Data;

/// <summary>One flow a release reached: whether it serves the new content yet. Times in UTC.</summary>
public sealed class Rollout
{
    public required long ReleaseId { get; set; }
    public required string Namespace { get; set; }
    public required string Flow { get; set; }

    /// <summary>Hash of what its pods read before the release.</summary>
    public string? HashBefore { get; set; }

    public required RolloutState State { get; set; }
    public string? Message { get; set; }
    public required DateTime StartedAt { get; set; }
    public DateTime? FinishedAt { get; set; }
}

public enum RolloutState
{
    Waiting,
    Ready,
    Failed,
}
