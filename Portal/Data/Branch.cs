namespace Portal.Data;

/// <summary>A prompt that began as a copy of another one, to try something and perhaps merge it back. Times in UTC.</summary>
public sealed class Branch
{
    public required string Namespace { get; set; }

    /// <summary>Of the prompt that is the branch.</summary>
    public required string Name { get; set; }

    /// <summary>The prompt it began from.</summary>
    public required string Origin { get; set; }

    /// <summary>The origin's text then; after a merge, the text that was merged.</summary>
    public required string BaseContent { get; set; }

    /// <summary>The origin's revision then; null when it had none.</summary>
    public int? BaseRevision { get; set; }

    public required string AuthorId { get; set; }
    public required string AuthorName { get; set; }
    public required DateTime CreatedAt { get; set; }

    /// <summary>When it was merged last; null when it never was.</summary>
    public DateTime? MergedAt { get; set; }
}
