namespace Portal.Data;

/// <summary>One call of a prompt from the portal, finished or not. Money in millionths of a dollar, times in UTC.</summary>
public sealed class RunRow
{
    public required string Id { get; set; }
    public required string Namespace { get; set; }
    public required string Prompt { get; set; }

    /// <summary>JSON object.</summary>
    public required string Input { get; set; }

    /// <summary><c>Running</c>, <c>Completed</c>, <c>Stopped</c> or <c>Failed</c>.</summary>
    public required string State { get; set; }

    public required DateTime StartedAt { get; set; }
    public string? Provider { get; set; }
    public string? Model { get; set; }
    public string Output { get; set; } = "";
    public string? ErrorCode { get; set; }
    public string? ErrorMessage { get; set; }
    public string? FinishReason { get; set; }
    public long? InputTokens { get; set; }
    public long? OutputTokens { get; set; }
    public long? CachedInputTokens { get; set; }
    public long? CacheWriteTokens { get; set; }
    public long? ReasoningTokens { get; set; }

    /// <summary>Null when the tokens or their price are not known.</summary>
    public long? CostMicros { get; set; }

    /// <summary><c>playground</c>, or <c>flow</c> for a call of a flow through the portal.</summary>
    public string Source { get; set; } = "playground";

    public string? Flow { get; set; }

    /// <summary>SHA-256 of the document, in lower-case hex.</summary>
    public string? PromptHash { get; set; }

    /// <summary>The document; null when it was not kept.</summary>
    public string? Content { get; set; }

    /// <summary>Name of the Model object that was chosen for a prompt that names none.</summary>
    public string? ModelObject { get; set; }

    public string? CallerId { get; set; }
    public string? Caller { get; set; }

    /// <summary>What of input and answer was kept: <c>Off</c>, <c>Redacted</c> or <c>Full</c>.</summary>
    public string Kept { get; set; } = "Full";

    public bool IsStarred { get; set; }
    public string? Note { get; set; }

    public long? FirstTokenMilliseconds { get; set; }
    public long? DurationMilliseconds { get; set; }
}
