namespace Portal.Data.Steps;

/// <summary>Runs as a history: who ran which text, what was kept of it, stars and notes; and what is to be kept in each namespace.</summary>
internal static class RunHistoryStep
{
    public const string Sqlite = Columns + "ALTER TABLE runs ADD COLUMN IsStarred INTEGER NOT NULL DEFAULT 0;"
        + Indexes + "CREATE TABLE run_policies (Namespace TEXT NOT NULL PRIMARY KEY, Definition TEXT NOT NULL, UpdatedAt TEXT NOT NULL, UpdatedBy TEXT NOT NULL) WITHOUT ROWID;";

    public const string Postgres = Columns + "ALTER TABLE runs ADD COLUMN IsStarred BOOLEAN NOT NULL DEFAULT FALSE;"
        + Indexes + "CREATE TABLE run_policies (Namespace TEXT NOT NULL PRIMARY KEY, Definition TEXT NOT NULL, UpdatedAt TIMESTAMPTZ NOT NULL, UpdatedBy TEXT NOT NULL);";

    private const string Columns =
        """
        ALTER TABLE runs ADD COLUMN Source TEXT NOT NULL DEFAULT 'playground';
        ALTER TABLE runs ADD COLUMN Flow TEXT;
        ALTER TABLE runs ADD COLUMN PromptHash TEXT;
        ALTER TABLE runs ADD COLUMN Content TEXT;
        ALTER TABLE runs ADD COLUMN ModelObject TEXT;
        ALTER TABLE runs ADD COLUMN CallerId TEXT;
        ALTER TABLE runs ADD COLUMN Caller TEXT;
        ALTER TABLE runs ADD COLUMN Kept TEXT NOT NULL DEFAULT 'Full';
        ALTER TABLE runs ADD COLUMN Note TEXT;

        """;

    private const string Indexes = "CREATE INDEX runs_by_namespace ON runs (Namespace, StartedAt);";
}
