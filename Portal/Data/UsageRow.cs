namespace Portal.Data;

/// <summary>What one call used. Times in UTC.</summary>
public sealed class UsageRow
{
    public required string CallId { get; set; }

    /// <summary>By the portal's clock.</summary>
    public required DateTime StartedAt { get; set; }
    public required DateTime ReceivedAt { get; set; }

    /// <summary><c>flow</c> or <c>playground</c>.</summary>
    public required string Source { get; set; }
    public string? Namespace { get; set; }
    public string? Flow { get; set; }
    public string? Prompt { get; set; }
    public string? PromptHash { get; set; }

    /// <summary>Empty when no model was chosen; so is <see cref="Model"/>.</summary>
    public required string Provider { get; set; }
    public required string Model { get; set; }
    public long? InputTokens { get; set; }
    public long? OutputTokens { get; set; }
    public long? CachedInputTokens { get; set; }
    public long? CacheWriteTokens { get; set; }
    public long? ReasoningTokens { get; set; }

    /// <summary><c>OK</c> or the name of Genkit's status.</summary>
    public required string Outcome { get; set; }
    public required string FinishReason { get; set; }
    public long? FirstTokenMicroseconds { get; set; }
    public required long DurationMicroseconds { get; set; }
    public string? Caller { get; set; }
    public string? TraceId { get; set; }
}
