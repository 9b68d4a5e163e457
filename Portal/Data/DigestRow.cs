namespace Portal.Data;

/// <summary>Who is told of a namespace's weeks.</summary>
public sealed class DigestRow
{
    public required string Namespace { get; set; }
    public bool IsOn { get; set; }
    public required string TimeZone { get; set; }

    /// <summary>With commas between.</summary>
    public required string Emails { get; set; }

    /// <summary>Encrypted; null for none.</summary>
    public string? Webhook { get; set; }

    /// <summary>Number of the newest week that was told of, or that ended before anybody wanted to know.</summary>
    public int LastWeek { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime UpdatedAt { get; set; }

    public required string UpdatedBy { get; set; }
}
