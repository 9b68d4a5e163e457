namespace Portal.Data;

/// <summary>A token of automation; the secret itself is not here. Times in UTC.</summary>
public sealed class ServiceTokenRow
{
    public required string Id { get; set; }
    public required string Name { get; set; }

    /// <summary>SHA-256 of the secret.</summary>
    public required string Hash { get; set; }

    /// <summary>Names of permissions, with commas.</summary>
    public required string Permissions { get; set; }

    /// <summary>Names or patterns of namespaces, with commas.</summary>
    public required string Namespaces { get; set; }
    public required string CreatedById { get; set; }
    public required string CreatedByName { get; set; }
    public required DateTime CreatedAt { get; set; }
    public required DateTime ExpiresAt { get; set; }
    public DateTime? RevokedAt { get; set; }
    public string? RevokedByName { get; set; }
    public DateTime? LastUsedAt { get; set; }
}
