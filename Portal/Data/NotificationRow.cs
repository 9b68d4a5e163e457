namespace Portal.Data;

/// <summary>Something to be told to one receiver. It stays pending until the receiver's side took it, or for so long that it makes no sense any more.</summary>
public sealed class NotificationRow
{
    /// <summary>Also told to the receiver, who knows by it what comes twice.</summary>
    public required string Id { get; set; }

    /// <summary>What it is about, such as <c>budget:ID</c>.</summary>
    public required string Topic { get; set; }
    public required NotificationChannel Channel { get; set; }

    /// <summary>An e-mail address, or the encrypted address of a webhook.</summary>
    public required string Target { get; set; }

    /// <summary>The target as it may be shown.</summary>
    public required string Receiver { get; set; }
    public required string Subject { get; set; }
    public required string Body { get; set; }

    /// <summary>JSON for programs.</summary>
    public required string Payload { get; set; }
    public required NotificationState State { get; set; }
    public required int Attempts { get; set; }

    /// <summary>Not before this time, in seconds since 1970; while one attempt is under way, when another may take it over.</summary>
    public required long NextAttempt { get; set; }
    public required DateTime CreatedAt { get; set; }
    public DateTime? SentAt { get; set; }

    /// <summary>Why the last attempt failed; holds no secret.</summary>
    public string? Problem { get; set; }
}

public enum NotificationChannel
{
    Email,
    Webhook,
}

public enum NotificationState
{
    Pending,
    Sent,

    /// <summary>Given up.</summary>
    Failed,
}
