using Microsoft.Data.Sqlite;
using Portal.Data.Steps;

namespace Portal.Data;

/// <summary>
/// The tables, as a list of steps that is only ever appended to. <c>PRAGMA user_version</c> counts the steps taken; each is one
/// transaction.
/// </summary>
internal static class PortalSchema
{
    private static readonly string[] s_steps =
    [
        """
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
        """,
        """
        CREATE TABLE usage (
            CallId TEXT NOT NULL PRIMARY KEY, StartedAt TEXT NOT NULL, ReceivedAt TEXT NOT NULL, Source TEXT NOT NULL,
            Namespace TEXT, Flow TEXT, Prompt TEXT, PromptHash TEXT, Provider TEXT NOT NULL, Model TEXT NOT NULL,
            InputTokens INTEGER, OutputTokens INTEGER, CachedInputTokens INTEGER, CacheWriteTokens INTEGER, ReasoningTokens INTEGER,
            Outcome TEXT NOT NULL, FinishReason TEXT NOT NULL, FirstTokenMicroseconds INTEGER, DurationMicroseconds INTEGER NOT NULL,
            Caller TEXT, TraceId TEXT) WITHOUT ROWID;
        CREATE INDEX usage_by_time ON usage (StartedAt);
        CREATE INDEX usage_by_flow ON usage (Namespace, Flow, StartedAt);
        """,
        AuditStep.Sql,
        AuditHeadsStep.Sql,
        SavedViewsStep.Sql,
        ObservedObjectsStep.Sql,
        SignInStep.Sql,
        ReleasesStep.Sql,
        EditingStep.Sql,
        RolloutsStep.Sql,
        DeletionsStep.Sql,
        UsageRollupStep.Sql,
    ];

    /// <summary>Brings a database to this build's version.</summary>
    /// <exception cref="StartupException">The file cannot be opened, is not a database, or was written by a newer portal.</exception>
    public static void Upgrade(string connectionString, string path)
    {
        try
        {
            using var connection = new SqliteConnection(connectionString);
            connection.Open();
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = FULL");
            var version = Version(connection);
            if (version > s_steps.Length)
            {
                throw new StartupException(
                    $"{path} was written by a newer portal (version {version}, this one knows {s_steps.Length}). "
                    + "Start that one, or use another data directory (Portal:DataDirectory).");
            }

            for (; version < s_steps.Length; version++)
            {
                using var transaction = connection.BeginTransaction();
                Execute(connection, s_steps[version]);
                Execute(connection, $"PRAGMA user_version = {version + 1}");
                transaction.Commit();
            }
        }
        catch (SqliteException exception)
        {
            throw new StartupException(
                $"The database {path} cannot be used: {exception.Message}. Restore it from a backup, or move it away to start with an empty one.",
                exception);
        }
    }

    private static int Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
