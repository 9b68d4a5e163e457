namespace Portal.Data;

/// <summary>An import of prompts: looked at, under way, or a report.</summary>
public sealed class PromptImportRow
{
    public required string Id { get; set; }
    public required string Namespace { get; set; }
    public required string AuthorId { get; set; }
    public required string AuthorName { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; set; }

    /// <summary>UTC; of one under way when it was last seen at work.</summary>
    public required DateTime UpdatedAt { get; set; }

    /// <summary><c>Prepared</c>, <c>Running</c>, <c>Done</c> or <c>Stopped</c>.</summary>
    public required string State { get; set; }
}

/// <summary>A prompt of an import.</summary>
public sealed class PromptImportItemRow
{
    public required string ImportId { get; set; }
    public required int Position { get; set; }
    public required string Source { get; set; }
    public required string Format { get; set; }

    /// <summary>The name it gets.</summary>
    public required string Name { get; set; }

    /// <summary><c>Skip</c>, <c>Draft</c> or <c>Replace</c>.</summary>
    public required string Choice { get; set; }

    /// <summary>The document; null when there is none, and after the import.</summary>
    public string? Content { get; set; }

    /// <summary>JSON: older versions; null when there are none, and after the import.</summary>
    public string? History { get; set; }

    /// <summary>Why it cannot be imported.</summary>
    public string? Problem { get; set; }

    public bool IsLeft { get; set; }

    /// <summary>JSON: the mapping report.</summary>
    public required string Notes { get; set; }

    /// <summary>What became of it; null while that is open.</summary>
    public string? Outcome { get; set; }

    public string? Message { get; set; }
}
