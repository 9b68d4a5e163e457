namespace Portal.Data;

/// <summary>Text of a prompt that is not published yet; at most one for each prompt.</summary>
public sealed class Draft
{
    public required string Namespace { get; set; }
    public required string Name { get; set; }
    public required string Content { get; set; }

    /// <summary>
    /// What the published prompt was when the draft began; null when there was none. The published one having moved on is a conflict.
    /// </summary>
    public string? BaseContent { get; set; }

    /// <summary>Who wrote it last; null for what was written before that was kept.</summary>
    public string? AuthorId { get; set; }

    public string? AuthorName { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime UpdatedAt { get; set; }
}
