using Portal.Components.Inputs;
using Portal.Data;
using Portal.Features.Prices;
using Portal.Runner.Contract;

namespace Portal.Features.Playground;

public enum RunState
{
    Running,
    Completed,

    /// <summary>Stopped by its author; what had arrived is kept.</summary>
    Stopped,
    Failed,
}

/// <param name="Code">Genkit's status name, such as <c>RESOURCE_EXHAUSTED</c>.</param>
/// <param name="Next">What to do about it.</param>
public sealed record RunError(string Code, string Message, string? Next);

/// <summary>A tool the model asked for.</summary>
/// <param name="Input">JSON; null when it was given none.</param>
/// <param name="Output">JSON, an <c>{"error": …}</c> when it failed; null while it runs.</param>
public sealed record RunToolCall(string Name, string? Input, string? Output, bool Failed, TimeSpan? Duration);

/// <summary>A run at one moment.</summary>
public sealed record RunSnapshot
{
    public required string Id { get; init; }
    public required string Namespace { get; init; }
    public required string Prompt { get; init; }
    public required JsonObject Input { get; init; }

    /// <summary>SHA-256 of the text that ran, in hexadecimal; null for runs of the history.</summary>
    public string? PromptHash { get; init; }
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Small pictures of media in the input, by hash.</summary>
    public IReadOnlyDictionary<string, string> Previews { get; init; } = new Dictionary<string, string>();

    /// <summary>Name of who started it; the history keeps none.</summary>
    public string? Caller { get; init; }
    public RunState State { get; init; } = RunState.Running;
    public string? Provider { get; init; }
    public string? Model { get; init; }

    /// <summary>All text so far.</summary>
    public string Output { get; init; } = "";

    /// <summary>The model's reasoning so far, where it shows any.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>The tools called so far, in the order they were asked for. Known to the process that runs them; the history keeps none.</summary>
    public IReadOnlyList<RunToolCall> Tools { get; init; } = [];

    public RunError? Error { get; init; }
    public string? FinishReason { get; init; }
    public TokenUsage Usage { get; init; } = new();

    /// <summary>Each request to the model, where there were several; the history keeps none.</summary>
    public IReadOnlyList<TokenUsage>? Turns { get; init; }
    public TimeSpan? FirstToken { get; init; }
    public TimeSpan? Duration { get; init; }

    /// <summary>Null when the model has no price, or what was used is not known.</summary>
    public Cost? Cost { get; init; }

    /// <summary>Whether tokens were used that have no price.</summary>
    public bool IsUnpriced => State != RunState.Running && Cost is null && Usage.OutputTokens is not null;

    internal static RunSnapshot From(RunRow row, PriceBook prices) => new()
    {
        Id = row.Id,
        Namespace = row.Namespace,
        Prompt = row.Prompt,
        Input = InputJson.TryParse(row.Input, out var input, out _) && input is JsonObject json ? json : [],
        StartedAt = row.StartedAt,
        State = Enum.TryParse<RunState>(row.State, out var state) ? state : RunState.Failed,
        Provider = row.Provider,
        Model = row.Model,
        Output = row.Output,
        Error = row.ErrorMessage is null ? null : new RunError(row.ErrorCode ?? "INTERNAL", row.ErrorMessage, null),
        FinishReason = row.FinishReason,
        Usage = new TokenUsage
        {
            InputTokens = row.InputTokens,
            OutputTokens = row.OutputTokens,
            CachedInputTokens = row.CachedInputTokens,
            CacheWriteTokens = row.CacheWriteTokens,
            ReasoningTokens = row.ReasoningTokens,
        },
        FirstToken = row.FirstTokenMilliseconds is { } first ? TimeSpan.FromMilliseconds(first) : null,
        Duration = row.DurationMilliseconds is { } duration ? TimeSpan.FromMilliseconds(duration) : null,
        Cost = row.CostMicros is { } micros
            ? Cost.OfMicros(micros, row is { Provider: { } provider, Model: { } model } ? prices.Find(provider, model, row.StartedAt)?.Label : null)
            : null,
    };

    /// <summary>What an ended run counts as.</summary>
    internal UsageRecord ToUsage() => new()
    {
        CallId = Id,
        StartedAt = StartedAt,
        Namespace = Namespace,
        Prompt = Prompt,
        PromptHash = PromptHash,
        Provider = Provider ?? "",
        Model = Model ?? "",
        Usage = Usage,
        Turns = Turns,
        Outcome = State switch
        {
            RunState.Completed => UsageRecord.Ok,
            RunState.Stopped => "CANCELLED",
            _ => Error?.Code ?? "INTERNAL",
        },
        FinishReason = FinishReason ?? "failed",
        TimeToFirstToken = FirstToken,
        Duration = Duration ?? TimeSpan.Zero,
        Caller = Caller,
    };

    internal RunRow ToRow() => new()
    {
        Id = Id,
        Namespace = Namespace,
        Prompt = Prompt,
        Input = KeptMedia.Summarize(Input, Previews).ToJsonString(InputJson.Compact),
        State = State.ToString(),
        StartedAt = StartedAt.UtcDateTime,
        Provider = Provider,
        Model = Model,
        Output = Output,
        ErrorCode = Error?.Code,
        ErrorMessage = Error?.Message,
        FinishReason = FinishReason,
        InputTokens = Usage.InputTokens,
        OutputTokens = Usage.OutputTokens,
        CachedInputTokens = Usage.CachedInputTokens,
        CacheWriteTokens = Usage.CacheWriteTokens,
        ReasoningTokens = Usage.ReasoningTokens,
        CostMicros = Cost?.Micros,
        FirstTokenMilliseconds = (long?)FirstToken?.TotalMilliseconds,
        DurationMilliseconds = (long?)Duration?.TotalMilliseconds,
    };
}
