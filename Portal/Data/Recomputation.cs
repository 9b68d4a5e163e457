namespace Portal.Data;

/// <summary>A reckoning anew of what past calls cost, and how far it has come. Times in UTC.</summary>
public sealed class Recomputation
{
    public const string Running = "Running";
    public const string Done = "Done";
    public const string Cancelled = "Cancelled";

    public long Id { get; set; }

    /// <summary>Calls from here on, in seconds since 1970.</summary>
    public required long FromSecond { get; set; }

    /// <summary>Calls before this.</summary>
    public required long ToSecond { get; set; }

    /// <summary>Calls before this have been reckoned.</summary>
    public required long NextSecond { get; set; }
    public required string State { get; set; }

    /// <summary>Calls there were when it began.</summary>
    public required long Total { get; set; }
    public long Calls { get; set; }

    /// <summary>Calls that do not cost what they did.</summary>
    public long Changed { get; set; }

    /// <summary>JSON: the difference by model.</summary>
    public string Difference { get; set; } = "[]";
    public required DateTime RequestedAt { get; set; }
    public required string RequestedBy { get; set; }
    public DateTime? FinishedAt { get; set; }
}
