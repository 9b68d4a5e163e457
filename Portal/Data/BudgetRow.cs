namespace Portal.Data;

/// <summary>A limit of what may be spent in a window of the calendar. <see cref="Version"/> grows with every change. Times in UTC.</summary>
public sealed class BudgetRow
{
    public required string Id { get; set; }
    public required long Version { get; set; }
    public required string Name { get; set; }

    /// <summary>The name in lower case: names that differ in nothing else are the same.</summary>
    public required string NameKey { get; set; }

    /// <summary>A kind of scope, such as <c>Flow</c>.</summary>
    public required string Scope { get; set; }

    /// <summary>Empty for all namespaces.</summary>
    public required string Namespace { get; set; }

    /// <summary>Flow, team, user or token; empty for the whole namespace.</summary>
    public required string Subject { get; set; }

    /// <summary>Billionths of the currency.</summary>
    public required long AmountNanos { get; set; }
    public required string Currency { get; set; }
    public required string Period { get; set; }

    /// <summary>IANA name.</summary>
    public required string TimeZone { get; set; }

    /// <summary>Whole percents, with commas.</summary>
    public required string Thresholds { get; set; }

    /// <summary>Addresses, with commas.</summary>
    public required string Emails { get; set; }

    /// <summary>Address of a webhook, encrypted: whoever knows it may post there.</summary>
    public string? Webhook { get; set; }
    public required string Enforcement { get; set; }
    public required string Contact { get; set; }
    public required DateTime CreatedAt { get; set; }
    public required DateTime UpdatedAt { get; set; }
    public required string UpdatedBy { get; set; }
}

/// <summary>A threshold that was crossed: once per window and amount, whoever notices it, however often.</summary>
public sealed class BudgetAlertRow
{
    public required string BudgetId { get; set; }

    /// <summary>Begin of the window, in seconds since 1970.</summary>
    public required long WindowStart { get; set; }
    public required long AmountNanos { get; set; }

    /// <summary>Percent.</summary>
    public required int Threshold { get; set; }
    public required long SpentNanos { get; set; }
    public required DateTime At { get; set; }
}
