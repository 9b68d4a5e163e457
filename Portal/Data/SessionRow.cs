namespace Portal.Data;

/// <summary>One sign-in of a person in one browser. Times in UTC.</summary>
public sealed class SessionRow
{
    /// <summary>SHA-256 of what the browser's cookie holds, so that this table opens no session.</summary>
    public required string Id { get; set; }
    public required string ActorId { get; set; }
    public required string ActorName { get; set; }
    public required string Provider { get; set; }
    public required string Subject { get; set; }

    /// <summary>What the provider calls its own session (<c>sid</c>).</summary>
    public string? ProviderSession { get; set; }
    public string? Address { get; set; }
    public required DateTime CreatedAt { get; set; }
    public required DateTime SeenAt { get; set; }

    /// <summary>Claims and the ID token, encrypted.</summary>
    public required byte[] Ticket { get; set; }
}
