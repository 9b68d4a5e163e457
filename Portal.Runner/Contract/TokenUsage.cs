using System.Text.Json.Serialization;

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

    /// <summary>How the provider served it, where that has a price of its own: <c>batch</c>, <c>flex</c>, <c>priority</c>; null for the usual way.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>Whether a request was cut off before the provider had told all: it used at least this.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Incomplete { get; init; }

    /// <summary>Both together. A class that only one of them tells is that one's.</summary>
    public static TokenUsage Sum(TokenUsage left, TokenUsage right) => new()
    {
        InputTokens = Add(left.InputTokens, right.InputTokens),
        OutputTokens = Add(left.OutputTokens, right.OutputTokens),
        CachedInputTokens = Add(left.CachedInputTokens, right.CachedInputTokens),
        CacheWriteTokens = Add(left.CacheWriteTokens, right.CacheWriteTokens),
        CacheWriteHourTokens = Add(left.CacheWriteHourTokens, right.CacheWriteHourTokens),
        ReasoningTokens = Add(left.ReasoningTokens, right.ReasoningTokens),
        InputAudioTokens = Add(left.InputAudioTokens, right.InputAudioTokens),
        OutputAudioTokens = Add(left.OutputAudioTokens, right.OutputAudioTokens),
        CachedAudioTokens = Add(left.CachedAudioTokens, right.CachedAudioTokens),
        InputImageTokens = Add(left.InputImageTokens, right.InputImageTokens),
        OutputImageTokens = Add(left.OutputImageTokens, right.OutputImageTokens),
        Requests = (left.Requests ?? 1) + (right.Requests ?? 1),
        ServiceTier = left.ServiceTier == right.ServiceTier ? left.ServiceTier : null,
        Incomplete = left.Incomplete || right.Incomplete,
    };

    private static long? Add(long? left, long? right) => left is null && right is null ? null : (left ?? 0) + (right ?? 0);
}
