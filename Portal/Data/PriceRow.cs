namespace Portal.Data;

/// <summary>
/// What a model costs from an instant on. Never changed once written: a correction removes it and adds another, so that the cost of a call always leads to the
/// price it was made of. Amounts are billionths of the currency for a million tokens; those that are null cost what the class they are part of costs.
/// </summary>
public sealed class PriceRow
{
    public long Id { get; set; }
    public required string Provider { get; set; }

    /// <summary>A model's name, or a pattern with <c>*</c>.</summary>
    public required string Model { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime ValidFrom { get; set; }
    public required string Currency { get; set; }
    public required long Input { get; set; }
    public required long Output { get; set; }
    public long? CachedInput { get; set; }
    public long? CacheWrite { get; set; }
    public long? CacheWriteHour { get; set; }
    public long? Reasoning { get; set; }
    public long? InputAudio { get; set; }
    public long? OutputAudio { get; set; }
    public long? CachedAudio { get; set; }
    public long? InputImage { get; set; }
    public long? OutputImage { get; set; }

    /// <summary>For each request to the model, in billionths of the currency.</summary>
    public long? Request { get; set; }

    /// <summary>Of batch calls, in hundredths of a percent.</summary>
    public int BatchDiscount { get; set; }

    /// <summary>JSON; null when all tokens cost the same however many they are.</summary>
    public string? Tiers { get; set; }

    /// <summary>Where the price comes from.</summary>
    public string? Note { get; set; }
    public required DateTime CreatedAt { get; set; }
    public required string CreatedBy { get; set; }

    /// <summary>Null while it is in force.</summary>
    public DateTime? RemovedAt { get; set; }
    public string? RemovedBy { get; set; }
}

/// <summary>What a provider takes less from an instant on, off the price of every call. Never changed once written.</summary>
public sealed class PriceDiscountRow
{
    public long Id { get; set; }
    public required string Provider { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime ValidFrom { get; set; }

    /// <summary>In hundredths of a percent.</summary>
    public required int Discount { get; set; }
    public string? Note { get; set; }
    public required DateTime CreatedAt { get; set; }
    public required string CreatedBy { get; set; }
    public DateTime? RemovedAt { get; set; }
    public string? RemovedBy { get; set; }
}
