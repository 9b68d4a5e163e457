namespace Portal.Data;

/// <summary>One state of an object's content, as it was submitted or seen. Never changed once written; times in UTC.</summary>
public sealed class Revision
{
    public required string Kind { get; set; }
    public required string Namespace { get; set; }
    public required string Name { get; set; }

    /// <summary>1, 2, 3 … for each object.</summary>
    public required int Number { get; set; }

    /// <summary>A prompt's document; of other kinds the spec as YAML.</summary>
    public required string Content { get; set; }

    /// <summary>SHA-256 of <see cref="Content"/>.</summary>
    public required string Hash { get; set; }

    public required string AuthorId { get; set; }
    public required string AuthorName { get; set; }
    public required string Message { get; set; }

    /// <summary><see cref="PortalSource"/>, or the field manager that wrote it into the cluster.</summary>
    public required string Source { get; set; }

    public required DateTime CreatedAt { get; set; }

    /// <summary>The revision its author began from; null for the first.</summary>
    public int? Base { get; set; }

    /// <summary>The older revision whose content this brings back.</summary>
    public int? RollbackOf { get; set; }

    /// <summary>Of a state seen in the cluster: the object it was.</summary>
    public string? Uid { get; set; }

    public long? Generation { get; set; }

    public const string PortalSource = "portal";
}
