namespace Portal.Runner.Contract;

/// <summary>
/// What requests to a model used, in tokens. Null means the provider did not say. Every class is part of <see cref="InputTokens"/> or
/// <see cref="OutputTokens"/>, whatever the provider counts in what.
/// </summary>
public sealed record TokenUsage
{
    /// <summary>All input tokens: those read from and written to the cache, and those of sound and pictures, included.</summary>
    public long? InputTokens { get; init; }

    /// <summary>All output tokens, reasoning included.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Input read from the provider's cache.</summary>
    public long? CachedInputTokens { get; init; }

    /// <summary>Input written to the provider's cache, for however long.</summary>
    public long? CacheWriteTokens { get; init; }

    /// <summary>Of <see cref="CacheWriteTokens"/>, those kept for an hour and not only for minutes.</summary>
    public long? CacheWriteHourTokens { get; init; }

    /// <summary>Of <see cref="OutputTokens"/>, those nobody sees.</summary>
    public long? ReasoningTokens { get; init; }

    public long? InputAudioTokens { get; init; }
    public long? OutputAudioTokens { get; init; }

    /// <summary>Both of <see cref="CachedInputTokens"/> and of <see cref="InputAudioTokens"/>.</summary>
    public long? CachedAudioTokens { get; init; }

    public long? InputImageTokens { get; init; }
    public long? OutputImageTokens { get; init; }

    /// <summary>Requests these tokens are of; null is one.</summary>
    public int? Requests { get; init; }
}
