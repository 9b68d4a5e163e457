using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Data;

/// <summary>The tables are made by SQL of our own for each database; EF's model of them must be the same.</summary>
public sealed class PortalSchemaTests : IDisposable
{
    private static readonly bool s_postgres = TestPostgres.Server is not null;

    private readonly TestDatabase _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Tables_OnEveryDatabase_AreThoseOfTheModel()
    {
        var (expected, actual) = await _test.Database.ReadAsync(async context =>
        {
            await context.Database.OpenConnectionAsync();
            return (context.Model.GetEntityTypes().SelectMany(Describe).Order(StringComparer.Ordinal).ToList(), await DescribeAsync(context));
        });

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Steps_InSqlite_AreNeverChanged()
    {
        // A database that took a step does not take it again: what must change is a new step.
        var hashes = PortalSchema.Steps.Take(12).Select(step => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(step.Sqlite)))[..12]);

        Assert.Equal(
            [
                "1ff2e8951fa7", "2ba0b069ad89", "f16adfa77d18", "d6060c46c579", "60ad1bd3dc0f", "f18d998c5f51",
                "3d1ae05a408c", "98bddef751bc", "77ed8bad1316", "73addaca59cf", "88564c6f10fb", "b7e8e19dca7e",
            ],
            hashes);
    }

    [Fact]
    public async Task Indexes_OnEveryDatabase_AreThoseOfThisList()
    {
        var sql = s_postgres
            ? """
              SELECT t.relname || ' (' || string_agg(a.attname, ', ' ORDER BY k.ord) || ')' || CASE WHEN x.indisunique THEN ' unique' ELSE '' END
                  || CASE WHEN x.indpred IS NULL THEN '' ELSE ' partial' END
              FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
              JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(attnum, ord) ON true JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
              WHERE t.relnamespace = 'public'::regnamespace AND NOT x.indisprimary
              GROUP BY t.relname, i.oid, x.indisunique, x.indpred IS NULL
              """
            : """
              SELECT lower(m.tbl_name || ' (' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(m.name) ORDER BY seqno)) || ')')
                  || CASE WHEN l."unique" THEN ' unique' ELSE '' END || CASE WHEN l.partial THEN ' partial' ELSE '' END
              FROM sqlite_master m JOIN pragma_index_list(m.tbl_name) l ON l.name = m.name WHERE m.type = 'index' AND l.origin <> 'pk'
              """;
        var indexes = await _test.Database.ReadAsync(async context =>
        {
            await context.Database.OpenConnectionAsync();
            return await ReadAsync(context, sql, reader => reader.GetString(0));
        });

        Snapshot.Matches("Portal.Tests/Portal/Data/indexes.txt", string.Join('\n', indexes.Order(StringComparer.Ordinal)) + "\n");
    }

    private static IEnumerable<string> Describe(IEntityType entity) => entity.GetProperties().Select(property =>
        $"{entity.GetTableName()}.{property.GetColumnName().ToLowerInvariant()} {property.GetColumnType().ToLowerInvariant()}{(property.IsColumnNullable() ? "" : " not null")}"
        + $"{(property.IsPrimaryKey() ? $" key {entity.FindPrimaryKey()!.Properties.ToList().IndexOf(property) + 1}" : "")}"
        + $"{(s_postgres && property.GetColumnType() == "text" ? " C" : "")}");

    private static async Task<List<string>> DescribeAsync(PortalDbContext context)
    {
        var sql = s_postgres
            ? """
              SELECT c.table_name, c.column_name, c.data_type, c.is_nullable = 'NO', COALESCE(k.ordinal_position, 0), COALESCE(c.collation_name, '')
              FROM information_schema.columns c
              LEFT JOIN information_schema.table_constraints t ON t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY'
              LEFT JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name AND k.column_name = c.column_name
              WHERE c.table_schema = 'public' AND c.table_name <> 'portal_schema'
              """
            : """
              SELECT m.name, lower(c.name), replace(lower(c.type), 'bigint', 'integer'), c."notnull" OR c.pk > 0, c.pk, ''
              FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
              """;
        var columns = await ReadAsync(context, sql, static reader =>
            $"{reader.GetString(0)}.{reader.GetString(1)} {reader.GetString(2)}{(reader.GetBoolean(3) ? " not null" : "")}{(reader.GetInt32(4) is > 0 and var key ? $" key {key}" : "")}"
            + (reader.GetString(5) is { Length: > 0 } collation ? $" {collation}" : ""));
        return [.. columns.Order(StringComparer.Ordinal)];
    }

    private static async Task<List<T>> ReadAsync<T>(PortalDbContext context, string sql, Func<DbDataReader, T> read)
    {
        await using var command = context.CommandOf(sql);
        await using var reader = await command.ExecuteReaderAsync();
        List<T> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
