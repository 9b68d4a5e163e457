using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>Adds to the table <c>audit</c> within a transaction, and tells where the chain stands.</summary>
internal static class AuditTable
{
    private static readonly (string Name, Func<AuditRow, object?> Value)[] s_columns =
    [
        ("Sequence", row => row.Sequence), ("At", row => Time(row.At)), ("ActorId", row => row.ActorId), ("ActorName", row => row.ActorName),
        ("ActorKind", row => row.ActorKind), ("Source", row => row.Source), ("Action", row => row.Action), ("Kind", row => row.Kind),
        ("Namespace", row => row.Namespace), ("Name", row => row.Name), ("Result", row => row.Result), ("Changes", row => row.Changes),
        ("Reason", row => row.Reason), ("CorrelationId", row => row.CorrelationId), ("Address", row => row.Address),
        ("Hash", row => row.Hash), ("Seal", row => row.Seal),
    ];

    private static readonly string s_insert =
        $"INSERT INTO audit ({string.Join(", ", s_columns.Select(column => column.Name))}) "
        + $"VALUES ({string.Join(", ", s_columns.Select(column => "$" + column.Name))})";

    public static void Insert(PortalDbContext context, AuditRow row)
    {
        using var command = CommandOf(context, s_insert);
        foreach (var (name, value) in s_columns)
        {
            command.Parameters.AddWithValue("$" + name, value(row) ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }

    /// <summary>The last row, or the checkpoint that stands for it; 0 and the genesis when there is none.</summary>
    public static (long Sequence, string Hash) Last(PortalDbContext context)
    {
        using var command = CommandOf(context,
            """
            SELECT Sequence, Hash FROM (
                SELECT Sequence, Hash FROM (SELECT Sequence, Hash FROM audit ORDER BY Sequence DESC LIMIT 1)
                UNION ALL
                SELECT Sequence, Hash FROM (SELECT Sequence, Hash FROM audit_heads WHERE Kind = 'checkpoint' ORDER BY Sequence DESC LIMIT 1))
            ORDER BY Sequence DESC LIMIT 1
            """);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetString(1)) : (0, AuditChain.Genesis);
    }

    /// <summary>As EF writes it, so that texts compare as times do.</summary>
    public static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

    private static SqliteCommand CommandOf(PortalDbContext context, string sql)
    {
        var command = ((SqliteConnection)context.Database.GetDbConnection()).CreateCommand();
        command.Transaction = (SqliteTransaction?)context.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = sql;
        return command;
    }
}
