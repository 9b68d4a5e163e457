using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Anthropic;

/// <summary>Token counts as they arrive: first and last event of a stream each tell a part, and later values replace earlier ones.</summary>
internal sealed class AnthropicUsage
{
    private long? _uncached;
    private long? _cacheRead;
    private long? _cacheWrite;
    private long? _cacheWriteHour;
    private string? _tier;
    private long? _output;

    public void Add(JsonNode? usage)
    {
        _uncached = usage.Member("input_tokens").Count() ?? _uncached;
        _cacheRead = usage.Member("cache_read_input_tokens").Count() ?? _cacheRead;
        _cacheWrite = usage.Member("cache_creation_input_tokens").Count() ?? _cacheWrite;
        _cacheWriteHour = usage.Member("cache_creation").Member("ephemeral_1h_input_tokens").Count() ?? _cacheWriteHour;
        _tier = usage.Member("service_tier").Text() ?? _tier;
        _output = usage.Member("output_tokens").Count() ?? _output;
    }

    /// <summary>The vendor counts cached input apart; our input total includes it.</summary>
    public TokenUsage ToTokens() => new()
    {
        InputTokens = _uncached is null ? null : _uncached + (_cacheRead ?? 0) + (_cacheWrite ?? 0),
        OutputTokens = _output,
        CachedInputTokens = _cacheRead,
        CacheWriteTokens = _cacheWrite,
        CacheWriteHourTokens = _cacheWriteHour is 0 ? null : _cacheWriteHour,
        ServiceTier = ServiceTiers.Of(_tier),
    };
}
