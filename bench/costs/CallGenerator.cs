using Portal.Runner.Contract;

/// <summary>
/// Calls as a company of some teams makes them: few flows that are called often, more by day than by night, a long tail of callers, some failures. The same seed
/// makes the same calls.
/// </summary>
internal sealed class CallGenerator(int seed, DateTimeOffset from, DateTimeOffset to)
{
    private const int Flows = 40;
    private const int Users = 60;

    private static readonly (string Provider, string Model)[] s_models =
    [
        ("openai", "gpt-4o-mini"), ("openai", "gpt-4o"), ("openai", "gpt-5-mini"), ("anthropic", "claude-sonnet-4-5"), ("anthropic", "claude-haiku-4-5"),
        ("googleai", "gemini-2.5-flash"), ("googleai", "gemini-2.5-pro"), ("bedrock", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"), ("azureaifoundry", "gpt-4.1-mini"),
        ("vertexai", "gemini-2.5-flash-lite"), ("ollama", "llama3.2"), ("openai", "in-house-tuned"),
    ];

    private static readonly string[] s_outcomes = ["RESOURCE_EXHAUSTED", "UNAVAILABLE", "CANCELLED", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED"];

    private readonly Random _random = new(seed);

    /// <param name="count">How many; evenly over the time, in its order.</param>
    public IEnumerable<UsageRecord> Make(int count)
    {
        var step = (to - from) / count;
        for (var index = 0; index < count; index++)
        {
            yield return Next(index, from + (step * index) + (step * _random.NextDouble()));
        }
    }

    private UsageRecord Next(int index, DateTimeOffset at)
    {
        var flow = Often(Flows);
        var user = (flow * 7 % Users) + Often(12);
        var (provider, model) = s_models[(flow + (_random.Next(20) == 0 ? 1 : 0)) % s_models.Length];
        var failed = _random.Next(40) == 0;
        var input = (long)Math.Exp(5 + (_random.NextDouble() * 4));
        var output = (long)Math.Exp(3 + (_random.NextDouble() * 4));
        var milliseconds = 80 + Math.Exp(4 + (_random.NextDouble() * 5));
        return new UsageRecord
        {
            CallId = $"{seed:x4}{index:x8}{_random.NextInt64():x16}",
            StartedAt = at,
            Namespace = $"team-{flow % 6}",
            Flow = $"flow-{flow}",
            Prompt = $"prompt-{flow}-{_random.Next(5) / 4}",
            PromptHash = $"{flow:x4}{index * 4L / 5_000_000:x60}",
            Provider = provider,
            Model = model,
            Usage = failed ? new TokenUsage() : new TokenUsage
            {
                InputTokens = input,
                OutputTokens = output,
                CachedInputTokens = _random.Next(3) == 0 ? input / 2 : 0,
                ReasoningTokens = _random.Next(4) == 0 ? output / 3 : null,
            },
            Outcome = failed ? s_outcomes[_random.Next(s_outcomes.Length)] : UsageRecord.Ok,
            FinishReason = failed ? "failed" : "stop",
            TimeToFirstToken = failed ? null : TimeSpan.FromMilliseconds(milliseconds / 4),
            Duration = TimeSpan.FromMilliseconds(milliseconds),
            Caller = $"service-{user % Users}",
            Team = $"team-{user % 8}",
            TraceId = $"{_random.NextInt64():x16}{_random.NextInt64():x16}",
        };
    }

    /// <summary>0 about twice as often as 1, and so on.</summary>
    private int Often(int count) => (int)(count * Math.Pow(_random.NextDouble(), 2.5));
}
