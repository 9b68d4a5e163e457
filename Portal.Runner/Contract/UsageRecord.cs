using System.Text.Json.Serialization;

namespace Portal.Runner.Contract;

/// <summary>What one call used, however it ended; idempotent by <see cref="CallId"/>.</summary>
public sealed record UsageRecord
{
    /// <summary><see cref="Outcome"/> of a call that was answered.</summary>
    public const string Ok = "OK";

    /// <summary><see cref="Source"/> of calls that judge an evaluation.</summary>
    public const string OfEval = "eval";

    public required string CallId { get; init; }

    /// <summary>By the clock of the machine that ran the call.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary><see cref="OfEval"/> for what judges an evaluation, whose name is <see cref="Prompt"/> then; null for a call of a flow.</summary>
    public string? Source { get; init; }
    public string? Namespace { get; init; }

    /// <summary>Of a flow of a FlowSet both names, as <c>set/flow</c>.</summary>
    public string? Flow { get; init; }
    public string? Prompt { get; init; }

    /// <summary>SHA-256 of the prompt's text, in hexadecimal.</summary>
    public string? PromptHash { get; init; }

    /// <summary>Empty when the call failed before a model was chosen; the same holds for <see cref="Model"/>.</summary>
    public required string Provider { get; init; }
    public required string Model { get; init; }

    /// <summary>Over all turns, those that were cut off included.</summary>
    public required TokenUsage Usage { get; init; }

    /// <summary>Each request to the model by itself, as prices depend on how long one is and how it was served; null when there was but one.</summary>
    public IReadOnlyList<TokenUsage>? Turns { get; init; }

    /// <summary><see cref="Ok"/> or the name of Genkit's status, such as <c>RESOURCE_EXHAUSTED</c> or <c>CANCELLED</c>.</summary>
    public string Outcome { get; init; } = Ok;

    /// <summary>As the model said; <c>failed</c> or <c>cancelled</c> when it did not come that far.</summary>
    public required string FinishReason { get; init; }

    [JsonPropertyName("timeToFirstTokenMs"), JsonConverter(typeof(MillisecondsConverter))]
    public TimeSpan? TimeToFirstToken { get; init; }

    [JsonPropertyName("durationMs"), JsonConverter(typeof(MillisecondsConverter))]
    public required TimeSpan Duration { get; init; }

    /// <summary>Who called, as it says itself.</summary>
    public string? Caller { get; init; }

    /// <summary>The team the call is for, as the caller says.</summary>
    public string? Team { get; init; }

    /// <summary>Name of the token that was called with; never the token.</summary>
    public string? Token { get; init; }

    /// <summary>W3C trace id, in hexadecimal.</summary>
    public string? TraceId { get; init; }

    /// <summary>What went in and out; null where the policy keeps nothing of it.</summary>
    public CallContent? Content { get; init; }
}
