using Portal.Runner.Contract;

namespace Portal.Runner.Engine;

/// <summary>What one call has used so far, over all its turns. Whoever makes it can tell also when the call ends badly.</summary>
internal sealed class CallMeter(TimeProvider timeProvider)
{
    private readonly DateTimeOffset _startedAt = timeProvider.GetUtcNow();
    private readonly long _started = timeProvider.GetTimestamp();
    private TimeSpan? _firstToken;
    private TokenUsage? _usage;

    public string? CallId { get; set; }
    public string? Flow { get; set; }
    public string? Prompt { get; set; }
    public string Provider { get; set; } = "";
    public string Model { get; set; } = "";

    /// <summary>Whether a provider has already counted something.</summary>
    public bool HasUsage => _usage is not null;

    public void Token() => _firstToken ??= timeProvider.GetElapsedTime(_started);

    public void Add(TokenUsage? usage)
    {
        if (usage is not null)
        {
            _usage = _usage is null ? usage : new TokenUsage
            {
                InputTokens = Sum(_usage.InputTokens, usage.InputTokens),
                OutputTokens = Sum(_usage.OutputTokens, usage.OutputTokens),
                CachedInputTokens = Sum(_usage.CachedInputTokens, usage.CachedInputTokens),
                CacheWriteTokens = Sum(_usage.CacheWriteTokens, usage.CacheWriteTokens),
                ReasoningTokens = Sum(_usage.ReasoningTokens, usage.ReasoningTokens),
            };
        }
    }

    public UsageRecord Record(string finishReason) => new()
    {
        CallId = CallId ?? Guid.CreateVersion7(_startedAt).ToString("N"),
        StartedAt = _startedAt,
        Flow = Flow,
        Prompt = Prompt,
        Provider = Provider,
        Model = Model,
        Usage = _usage ?? new TokenUsage(),
        FinishReason = finishReason,
        TimeToFirstToken = _firstToken,
        Duration = timeProvider.GetElapsedTime(_started),
    };

    private static long? Sum(long? left, long? right) => left is null && right is null ? null : (left ?? 0) + (right ?? 0);
}
