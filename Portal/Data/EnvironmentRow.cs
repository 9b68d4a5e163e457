namespace Portal.Data;

/// <summary>An environment made on the settings page.</summary>
public sealed class EnvironmentRow
{
    public required string Name { get; set; }

    /// <summary>JSON.</summary>
    public required string Definition { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime UpdatedAt { get; set; }

    public required string UpdatedBy { get; set; }
}
