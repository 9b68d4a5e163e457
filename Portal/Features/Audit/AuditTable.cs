using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>A row as the database holds it: what is hashed are the stored texts themselves.</summary>
/// <param name="Fields">In the order of <see cref="AuditTable.FieldNames"/>.</param>
internal sealed record StoredRow(long Sequence, string?[] Fields, string Hash, string Seal);

/// <summary>Adds to the table <c>audit</c> within a transaction, reads it in order, and tells where the chain stands.</summary>
internal static class AuditTable
{
    private static readonly (string Name, Func<AuditRow, string?> Value)[] s_fields =
    [
        ("At", row => TimeText.Write(row.At)), ("ActorId", row => row.ActorId), ("ActorName", row => row.ActorName), ("ActorKind", row => row.ActorKind),
        ("Source", row => row.Source), ("Action", row => row.Action), ("Kind", row => row.Kind), ("Namespace", row => row.Namespace),
        ("Name", row => row.Name), ("Result", row => row.Result), ("Changes", row => row.Changes), ("Reason", row => row.Reason),
        ("CorrelationId", row => row.CorrelationId), ("Address", row => row.Address),
    ];

    private static readonly string[] s_names = Array.ConvertAll(s_fields, static column => column.Name);
    private static readonly string s_columns = $"Sequence, {string.Join(", ", s_names)}, Hash, Seal";
    private static readonly string s_insert = $"INSERT INTO audit ({s_columns}) VALUES (@Sequence, {string.Join(", ", s_names.Select(name => "@" + name))}, @Hash, @Seal)";

    /// <summary>What a hash is made of besides number and predecessor, in that order.</summary>
    public static IReadOnlyList<string> FieldNames => s_names;

    public static string?[] FieldsOf(AuditRow row) => Array.ConvertAll(s_fields, column => column.Value(row));

    public static void Insert(PortalDbContext context, StoredRow row)
    {
        using var command = context.CommandOf(s_insert);
        command.Add("@Sequence", row.Sequence);
        for (var index = 0; index < s_fields.Length; index++)
        {
            command.Add("@" + s_fields[index].Name, row.Fields[index]);
        }

        command.Add("@Hash", row.Hash);
        command.Add("@Seal", row.Seal);
        command.ExecuteNonQuery();
    }

    /// <summary>The last row, or the checkpoint that stands for it; 0 and the genesis when there is none.</summary>
    public static (long Sequence, string Hash) Last(PortalDbContext context)
    {
        using var command = context.CommandOf(
            """
            SELECT Sequence, Hash FROM (
                SELECT Sequence, Hash FROM (SELECT Sequence, Hash FROM audit ORDER BY Sequence DESC LIMIT 1) AS newest
                UNION ALL
                SELECT Sequence, Hash FROM (SELECT Sequence, Hash FROM audit_heads WHERE Kind = 'checkpoint' ORDER BY Sequence DESC LIMIT 1) AS checkpoint) AS last
            ORDER BY Sequence DESC LIMIT 1
            """);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetString(1)) : (0, AuditChain.Genesis);
    }

    /// <summary>Rows with greater numbers than <paramref name="after"/>, in order. They come as they are read: whoever stops early pays for no more.</summary>
    public static IEnumerable<StoredRow> ReadAfter(PortalDbContext context, long after)
    {
        using var command = context.CommandOf($"SELECT {s_columns} FROM audit WHERE Sequence > @after ORDER BY Sequence");
        command.Add("@after", after);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var fields = new string?[s_fields.Length];
            for (var index = 0; index < fields.Length; index++)
            {
                fields[index] = reader.IsDBNull(index + 1) ? null : reader.GetString(index + 1);
            }

            yield return new StoredRow(reader.GetInt64(0), fields, reader.GetString(fields.Length + 1), reader.GetString(fields.Length + 2));
        }
    }
}
