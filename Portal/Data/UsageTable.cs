using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Portal.Data;

/// <summary>Adds to the table <c>usage</c> without a change tracker in between: many rows, each at most once.</summary>
public static class UsageTable
{
    private static readonly (string Name, Func<UsageRow, object?> Value)[] s_columns =
    [
        ("CallId", row => row.CallId), ("StartedAt", row => Time(row.StartedAt)), ("ReceivedAt", row => Time(row.ReceivedAt)), ("Source", row => row.Source),
        ("Namespace", row => row.Namespace), ("Flow", row => row.Flow), ("Prompt", row => row.Prompt), ("PromptHash", row => row.PromptHash),
        ("Provider", row => row.Provider), ("Model", row => row.Model),
        ("InputTokens", row => row.InputTokens), ("OutputTokens", row => row.OutputTokens), ("CachedInputTokens", row => row.CachedInputTokens),
        ("CacheWriteTokens", row => row.CacheWriteTokens), ("ReasoningTokens", row => row.ReasoningTokens),
        ("Outcome", row => row.Outcome), ("FinishReason", row => row.FinishReason), ("FirstTokenMicroseconds", row => row.FirstTokenMicroseconds),
        ("DurationMicroseconds", row => row.DurationMicroseconds), ("Caller", row => row.Caller), ("TraceId", row => row.TraceId),
    ];

    private static readonly string s_insert =
        $"INSERT INTO usage ({string.Join(", ", s_columns.Select(column => column.Name))}) "
        + $"VALUES ({string.Join(", ", s_columns.Select(column => "$" + column.Name))}) ON CONFLICT (CallId) DO NOTHING";

    /// <summary>Inserts within the context's transaction; rows whose call is known already are left out. Returns how many are new.</summary>
    public static int Insert(PortalDbContext context, IEnumerable<UsageRow> rows)
    {
        var connection = (SqliteConnection)context.Database.GetDbConnection();
        using var command = connection.CreateCommand();
        command.Transaction = (SqliteTransaction?)context.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = s_insert;
        var parameters = Array.ConvertAll(s_columns, column => command.Parameters.AddWithValue("$" + column.Name, DBNull.Value));
        var added = 0;
        foreach (var row in rows)
        {
            for (var index = 0; index < parameters.Length; index++)
            {
                parameters[index].Value = s_columns[index].Value(row) ?? DBNull.Value;
            }

            added += command.ExecuteNonQuery();
        }

        return added;
    }

    // As EF writes it, so that texts compare as times do.
    private static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
}
