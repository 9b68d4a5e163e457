using Portal.Auth;
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
    public const string Playground = "playground";
    public const string FromFlow = "flow";

    public required string Id { get; init; }
    public required string Namespace { get; init; }
    public required string Prompt { get; init; }
    public required JsonObject Input { get; init; }
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Small pictures of media in the input, by hash.</summary>
    public IReadOnlyDictionary<string, string> Previews { get; init; } = new Dictionary<string, string>();

    /// <summary>Name of who started it; null of runs before that was kept.</summary>
    public string? Caller { get; init; }

    public string? CallerId { get; init; }

    /// <summary><see cref="Playground"/>, or <see cref="FromFlow"/> for a call of a flow through the portal.</summary>
    public string Source { get; init; } = Playground;

    public string? Flow { get; init; }

    /// <summary>The document; null when it was not kept.</summary>
    public string? Content { get; init; }

    /// <summary>SHA-256 of the document, in lower-case hex.</summary>
    public string? PromptHash { get; init; }

    /// <summary>Name of the Model object that was chosen for a prompt that names none.</summary>
    public string? ModelObject { get; init; }

    /// <summary>What of input and answer is here.</summary>
    public RunKeeping Kept { get; init; } = RunKeeping.Full;

    public bool IsStarred { get; init; }
    public string? Note { get; init; }
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
        Caller = row.Caller,
        CallerId = row.CallerId,
        Source = row.Source,
        Flow = row.Flow,
        Content = row.Content,
        PromptHash = row.PromptHash,
        ModelObject = row.ModelObject,
        Kept = Enum.TryParse<RunKeeping>(row.Kept, out var kept) ? kept : RunKeeping.Full,
        IsStarred = row.IsStarred,
        Note = row.Note,
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
        Cost = row.CostMicros is { } micros ? CostOf(micros, row is { Provider: { } provider, Model: { } model } ? prices.Find(provider, model, row.StartedAt) : null) : null,
    };

    private static Cost CostOf(long micros, Price? price) => Cost.OfMicros(micros, price?.Label) with { Currency = price?.Currency ?? Cost.Dollars };

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

    /// <summary>Whether somebody may read its input and answer.</summary>
    public bool IsReadableBy(CurrentUser user) => user.May(Permission.ReadRuns, Namespace) || (CallerId is not null && CallerId == user.Actor.Id && user.May(Permission.Run, Namespace));

    /// <summary>The same without what was said; a provider's or a flow's error may repeat it.</summary>
    public RunSnapshot WithoutContents() => this with
    {
        Input = [],
        Output = "",
        Reasoning = "",
        Tools = [],
        Content = null,
        Note = null,
        Kept = RunKeeping.Off,
        Error = Error is { } error ? error with { Message = "Its message may be read by those who may read runs." } : null,
    };

    internal RunRow ToRow() => new()
    {
        Caller = Caller,
        CallerId = CallerId,
        Source = Source,
        Flow = Flow,
        Content = Content,
        PromptHash = PromptHash,
        ModelObject = ModelObject,
        Kept = Kept.ToString(),
        IsStarred = IsStarred,
        Note = Note,
        Id = Id,
        Namespace = Namespace,
        Prompt = Prompt,
        Input = Input.ToJsonString(InputJson.Compact),
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
