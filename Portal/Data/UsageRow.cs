namespace Portal.Data;

/// <summary>What one call used, and what it cost. Times in UTC.</summary>
public sealed class UsageRow
{
    /// <summary><see cref="Outcome"/> of a call that was answered.</summary>
    public const string Ok = "OK";

    public required string CallId { get; set; }

    /// <summary>By the portal's clock.</summary>
    public required DateTime StartedAt { get; set; }
    public required DateTime ReceivedAt { get; set; }

    /// <summary><see cref="StartedAt"/> in whole seconds since 1970: what is grouped by.</summary>
    public required long StartedSecond { get; set; }

    /// <summary>The <see cref="UsageSeries"/> it is counted in.</summary>
    public long SeriesId { get; set; }

    /// <summary>Billionths of the series' currency; null when it is not known.</summary>
    public long? CostNanos { get; set; }

    /// <summary>The price it was made of; below zero for one that comes with the portal.</summary>
    public long? PriceId { get; set; }

    /// <summary><c>flow</c>, <c>playground</c> or <c>evaluation</c>.</summary>
    public required string Source { get; set; }
    public string? Environment { get; set; }
    public string? Namespace { get; set; }
    public string? Flow { get; set; }
    public string? Prompt { get; set; }
    public string? PromptHash { get; set; }

    /// <summary>Number of the prompt's revision with that hash; null when the portal knows none.</summary>
    public int? Revision { get; set; }

    /// <summary>Empty when no model was chosen; so is <see cref="Model"/>.</summary>
    public required string Provider { get; set; }
    public required string Model { get; set; }
    public long? InputTokens { get; set; }
    public long? OutputTokens { get; set; }
    public long? CachedInputTokens { get; set; }
    public long? CacheWriteTokens { get; set; }
    public long? CacheWriteHourTokens { get; set; }
    public long? ReasoningTokens { get; set; }
    public long? InputAudioTokens { get; set; }
    public long? OutputAudioTokens { get; set; }
    public long? CachedAudioTokens { get; set; }
    public long? InputImageTokens { get; set; }
    public long? OutputImageTokens { get; set; }

    /// <summary>Requests to the model; null is one.</summary>
    public int? Requests { get; set; }
    public string? ServiceTier { get; set; }

    /// <summary>Whether it was cut off before the provider had told all.</summary>
    public bool Incomplete { get; set; }

    /// <summary>JSON: the tokens of each request, where there were several.</summary>
    public string? Turns { get; set; }

    /// <summary><c>OK</c> or the name of Genkit's status.</summary>
    public required string Outcome { get; set; }
    public required string FinishReason { get; set; }
    public long? FirstTokenMicroseconds { get; set; }
    public required long DurationMicroseconds { get; set; }
    public string? Caller { get; set; }
    public string? Team { get; set; }

    /// <summary>Name of the token that was called with.</summary>
    public string? Token { get; set; }
    public string? TraceId { get; set; }
}
