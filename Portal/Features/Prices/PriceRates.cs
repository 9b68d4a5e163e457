using Portal.Runner.Contract;

namespace Portal.Features.Prices;

/// <summary>
/// What each class of tokens costs, in billionths of the currency for a million tokens. A class that is null costs what the class it is part of costs: sound
/// that was read from the cache what the cache costs, all else in the end what <see cref="Input"/> or <see cref="Output"/> says.
/// </summary>
public sealed record PriceRates
{
    public required long Input { get; init; }
    public required long Output { get; init; }

    /// <summary>Read from the provider's cache.</summary>
    public long? CachedInput { get; init; }

    /// <summary>Written to the provider's cache, for minutes.</summary>
    public long? CacheWrite { get; init; }

    /// <summary>Written to the provider's cache, for an hour.</summary>
    public long? CacheWriteHour { get; init; }
    public long? Reasoning { get; init; }
    public long? InputAudio { get; init; }
    public long? OutputAudio { get; init; }
    public long? CachedAudio { get; init; }
    public long? InputImage { get; init; }
    public long? OutputImage { get; init; }

    /// <summary>Whether nothing costs anything.</summary>
    public bool IsFree => this is { Input: 0, Output: 0, CachedInput: null or 0, CacheWrite: null or 0, CacheWriteHour: null or 0, Reasoning: null or 0 }
        and { InputAudio: null or 0, OutputAudio: null or 0, CachedAudio: null or 0, InputImage: null or 0, OutputImage: null or 0 };

    /// <summary>What the tokens of one request cost, in billionths of the currency, exactly; null when too little is known of them.</summary>
    public decimal? AmountOf(TokenUsage usage)
    {
        // Of what was cut off the output may be missing: then it is the least it can have cost.
        if (usage.InputTokens is not { } input || (usage.OutputTokens ?? (usage.Incomplete ? 0 : null)) is not { } output)
        {
            return IsFree ? 0 : null;
        }

        return (InputAmountOf(usage, input) + OutputAmountOf(usage, output)) / 1_000_000m;
    }

    // No class is more than what is left of the whole, whatever the provider says.
    private decimal InputAmountOf(TokenUsage usage, long input)
    {
        var cached = Math.Min(usage.CachedInputTokens ?? 0, input);
        var cachedAudio = Math.Min(usage.CachedAudioTokens ?? 0, cached);
        var written = Math.Min(usage.CacheWriteTokens ?? 0, input - cached);
        var writtenHour = Math.Min(usage.CacheWriteHourTokens ?? 0, written);
        var left = input - cached - written;
        var audio = Math.Min(Math.Max(0, (usage.InputAudioTokens ?? 0) - cachedAudio), left);
        var image = Math.Min(usage.InputImageTokens ?? 0, left - audio);
        return ((decimal)(left - audio - image) * Input)
            + ((decimal)audio * (InputAudio ?? Input))
            + ((decimal)image * (InputImage ?? Input))
            + ((decimal)(cached - cachedAudio) * (CachedInput ?? Input))
            + ((decimal)cachedAudio * (CachedAudio ?? CachedInput ?? InputAudio ?? Input))
            + ((decimal)(written - writtenHour) * (CacheWrite ?? Input))
            + ((decimal)writtenHour * (CacheWriteHour ?? CacheWrite ?? Input));
    }

    private decimal OutputAmountOf(TokenUsage usage, long output)
    {
        var reasoning = Math.Min(usage.ReasoningTokens ?? 0, output);
        var audio = Math.Min(usage.OutputAudioTokens ?? 0, output - reasoning);
        var image = Math.Min(usage.OutputImageTokens ?? 0, output - reasoning - audio);
        return ((decimal)(output - reasoning - audio - image) * Output)
            + ((decimal)reasoning * (Reasoning ?? Output))
            + ((decimal)audio * (OutputAudio ?? Output))
            + ((decimal)image * (OutputImage ?? Output));
    }
}
