using Portal.Runner.Contract;

namespace Portal.Runner.Engine;

/// <summary>What one call has used so far, over all its turns. Whoever makes it can tell also when the call ends badly.</summary>
public sealed class CallMeter(TimeProvider timeProvider)
{
    private readonly DateTimeOffset _startedAt = timeProvider.GetUtcNow();
    private readonly long _started = timeProvider.GetTimestamp();
    private TimeSpan? _firstToken;
    private readonly List<TokenUsage> _turns = [];

    internal string? CallId { get; set; }
    internal string? Flow { get; set; }
    internal string? Prompt { get; set; }
    internal string Provider { get; set; } = "";
    internal string Model { get; set; } = "";

    /// <summary>Whether a provider has already counted something.</summary>
    internal bool HasUsage => _turns.Count > 0;

    internal void Token() => _firstToken ??= timeProvider.GetElapsedTime(_started);

    /// <summary>Counts one request to the model.</summary>
    internal void Add(TokenUsage turn) => _turns.Add(turn);

    /// <summary>What has been used so far.</summary>
    /// <param name="finishReason">How the call ends, if it ends now.</param>
    public UsageRecord Record(string finishReason) => new()
    {
        CallId = CallId ?? Guid.CreateVersion7(_startedAt).ToString("N"),
        StartedAt = _startedAt,
        Flow = Flow,
        Prompt = Prompt,
        Provider = Provider,
        Model = Model,
        Usage = _turns.Count > 0 ? _turns.Aggregate(TokenUsage.Sum) : new TokenUsage(),
        Turns = _turns.Count > 1 ? [.. _turns] : null,
        FinishReason = finishReason,
        TimeToFirstToken = _firstToken,
        Duration = timeProvider.GetElapsedTime(_started),
    };
}
