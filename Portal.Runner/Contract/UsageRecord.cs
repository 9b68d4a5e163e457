namespace Portal.Runner.Contract;

/// <summary>Tokens of one model call. Null means the provider did not say.</summary>
public sealed record TokenUsage
{
    /// <summary>All input tokens, cached ones included.</summary>
    public long? InputTokens { get; init; }

    /// <summary>All output tokens, reasoning included.</summary>
    public long? OutputTokens { get; init; }
    public long? CachedInputTokens { get; init; }
    public long? CacheWriteTokens { get; init; }
    public long? ReasoningTokens { get; init; }
}

/// <summary>What one call used; idempotent by <see cref="CallId"/>.</summary>
public sealed record UsageRecord
{
    public required string CallId { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public string? Flow { get; init; }
    public string? Prompt { get; init; }
    public required string Provider { get; init; }
    public required string Model { get; init; }
    public required TokenUsage Usage { get; init; }
    public required string FinishReason { get; init; }
    public TimeSpan? TimeToFirstToken { get; init; }
    public required TimeSpan Duration { get; init; }
}
