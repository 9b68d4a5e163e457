namespace Portal.Data.Steps;

/// <summary>What each call used.</summary>
internal static class UsageStep
{
    public const string Sqlite = """
        CREATE TABLE usage (
            CallId TEXT NOT NULL PRIMARY KEY, StartedAt TEXT NOT NULL, ReceivedAt TEXT NOT NULL, Source TEXT NOT NULL,
            Namespace TEXT, Flow TEXT, Prompt TEXT, PromptHash TEXT, Provider TEXT NOT NULL, Model TEXT NOT NULL,
            InputTokens INTEGER, OutputTokens INTEGER, CachedInputTokens INTEGER, CacheWriteTokens INTEGER, ReasoningTokens INTEGER,
            Outcome TEXT NOT NULL, FinishReason TEXT NOT NULL, FirstTokenMicroseconds INTEGER, DurationMicroseconds INTEGER NOT NULL,
            Caller TEXT, TraceId TEXT) WITHOUT ROWID;
        CREATE INDEX usage_by_time ON usage (StartedAt);
        CREATE INDEX usage_by_flow ON usage (Namespace, Flow, StartedAt);
        """;
}
