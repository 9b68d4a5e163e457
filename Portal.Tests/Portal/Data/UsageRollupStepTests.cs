using Microsoft.Data.Sqlite;
using Portal.Data.Steps;

namespace Portal.Tests.Portal.Data;

public sealed class UsageRollupStepTests
{
    private const string Before = """
        CREATE TABLE usage (
            CallId TEXT NOT NULL PRIMARY KEY, StartedAt TEXT NOT NULL, ReceivedAt TEXT NOT NULL, Source TEXT NOT NULL,
            Namespace TEXT, Flow TEXT, Prompt TEXT, PromptHash TEXT, Provider TEXT NOT NULL, Model TEXT NOT NULL,
            InputTokens INTEGER, OutputTokens INTEGER, CachedInputTokens INTEGER, CacheWriteTokens INTEGER, ReasoningTokens INTEGER,
            Outcome TEXT NOT NULL, FinishReason TEXT NOT NULL, FirstTokenMicroseconds INTEGER, DurationMicroseconds INTEGER NOT NULL,
            Caller TEXT, TraceId TEXT) WITHOUT ROWID;
        CREATE INDEX usage_by_time ON usage (StartedAt);
        CREATE TABLE revisions (Kind TEXT, Namespace TEXT, Name TEXT, Number INTEGER, Hash TEXT);
        INSERT INTO revisions VALUES ('Prompt', 'n', 'p', 1, 'h'), ('Prompt', 'n', 'p', 2, 'other');
        INSERT INTO usage (CallId, StartedAt, ReceivedAt, Source, Namespace, Flow, Prompt, PromptHash, Provider, Model, InputTokens, OutputTokens, Outcome, FinishReason, DurationMicroseconds, Caller) VALUES
            ('a', '2026-03-01 10:15:00.5', '2026-03-01 10:15:01', 'flow', 'n', 'f', 'p', 'h', 'openai', 'gpt-4o', 10, 1, 'OK', 'stop', 20000, 'ada'),
            ('b', '2026-03-01 10:59:59.9999999', '2026-03-01 11:00:00', 'flow', 'n', 'f', 'p', 'h', 'openai', 'gpt-4o', 5, NULL, 'UNAVAILABLE', 'failed', 70000000, 'ada'),
            ('c', '2026-03-01 11:00:00', '2026-03-01 11:00:00', 'playground', 'n', NULL, 'p', NULL, 'openai', 'gpt-4o', 7, 2, 'OK', 'stop', 10000, NULL);
        """;

    [Fact]
    public void Step_CallsThatAreKnown_AreCarriedOverWithTheirSums()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Rows(connection, Before);

        Rows(connection, UsageRollupStep.Sqlite);

        var hour = new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() / 3600;
        Assert.Equal(
            [$"{hour}|flow|n|f|p|1|ada|2|1|2|15|1|70020000|1|1", $"{hour + 1}|playground|n||p|0||1|0|1|7|2|10000|0|0"],
            Rows(connection, """
                SELECT h.Hour, s.Source, s.Namespace, s.Flow, s.Prompt, s.Revision, s.UserName, h.Calls, h.Errors, h.Unpriced, h.InputTokens, h.OutputTokens,
                    h.DurationMicroseconds, h.Ms25, h.MsMore
                FROM usage_hours h JOIN usage_series s ON s.Id = h.SeriesId ORDER BY h.Hour
                """));
        Assert.Equal(
            [$"a|{(hour * 3600) + 900}|1|1", $"b|{(hour * 3600) + 3599}|1|1", $"c|{(hour * 3600) + 3600}||2"],
            Rows(connection, "SELECT CallId, StartedSecond, Revision, SeriesId FROM usage ORDER BY CallId"));
    }

    private static List<string> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => reader.GetValue(column).ToString())));
        }

        return rows;
    }
}
