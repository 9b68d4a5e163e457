namespace Portal.Data.Steps;

/// <summary>Drafts, runs, publications and the steps of the first tour.</summary>
internal static class FirstStep
{
    public const string Sqlite = """
        CREATE TABLE drafts (
            Namespace TEXT NOT NULL, Name TEXT NOT NULL, Content TEXT NOT NULL, BaseContent TEXT, UpdatedAt TEXT NOT NULL,
            PRIMARY KEY (Namespace, Name)) WITHOUT ROWID;
        CREATE TABLE runs (
            Id TEXT NOT NULL PRIMARY KEY, Namespace TEXT NOT NULL, Prompt TEXT NOT NULL, Input TEXT NOT NULL, State TEXT NOT NULL, StartedAt TEXT NOT NULL,
            Provider TEXT, Model TEXT, Output TEXT NOT NULL, ErrorCode TEXT, ErrorMessage TEXT, FinishReason TEXT,
            InputTokens INTEGER, OutputTokens INTEGER, CachedInputTokens INTEGER, CacheWriteTokens INTEGER, ReasoningTokens INTEGER,
            CostMicros INTEGER, FirstTokenMilliseconds INTEGER, DurationMilliseconds INTEGER);
        CREATE INDEX runs_by_time ON runs (StartedAt);
        CREATE INDEX runs_by_prompt ON runs (Namespace, Prompt, StartedAt);
        CREATE TABLE publications (
            Id TEXT NOT NULL PRIMARY KEY, Namespace TEXT NOT NULL, Name TEXT NOT NULL, Content TEXT NOT NULL, Description TEXT, Force INTEGER NOT NULL,
            State TEXT NOT NULL, RequestedAt TEXT NOT NULL, FinishedAt TEXT, Message TEXT, Uid TEXT, Generation INTEGER, ResourceVersion TEXT);
        CREATE INDEX publications_by_prompt ON publications (Namespace, Name, RequestedAt);
        CREATE INDEX publications_pending ON publications (State) WHERE State = 'Pending';
        CREATE TABLE milestones (Name TEXT NOT NULL PRIMARY KEY, At TEXT NOT NULL) WITHOUT ROWID;
        """;
}
