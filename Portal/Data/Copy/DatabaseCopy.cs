using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Dialects;

namespace Portal.Data.Copy;

/// <summary>
/// Copies everything of a SQLite database into an empty one of PostgreSQL, in one transaction: it is all there, or nothing is. Both must be of this build's
/// version, and no portal may run on either.
/// </summary>
internal sealed class DatabaseCopy(PortalDatabase from, PostgresDialect to)
{
    /// <summary>How many rows of each table were copied, after they were counted there.</summary>
    /// <exception cref="StartupException">There is something in the database already, or a count differs.</exception>
    public Task<IReadOnlyList<(string Table, long Rows)>> RunAsync(CancellationToken cancellationToken) =>
        from.SnapshotAsync(source => CopyAsync(source, cancellationToken), cancellationToken);

    private async Task<IReadOnlyList<(string Table, long Rows)>> CopyAsync(PortalDbContext source, CancellationToken cancellationToken)
    {
        await using var target = new PortalDbContext(to.Options);
        await to.BeginAsync(target, cancellationToken);
        var copied = new List<(string Table, long Rows)>();
        foreach (var entity in target.Model.GetEntityTypes().OrderBy(entity => entity.GetTableName(), StringComparer.Ordinal))
        {
            var table = entity.GetTableName()!;
            if (await CountAsync(target, table, cancellationToken) > 0)
            {
                throw new StartupException($"{to.Place} is not empty: its table {table} has rows. Copy into a new database.");
            }

            var rows = await CopyAsync(source, target, entity, cancellationToken);
            var there = await CountAsync(target, table, cancellationToken);
            if (there != rows || rows != await CountAsync(source, table, cancellationToken))
            {
                throw new StartupException($"{rows} rows of {table} were read and {there} written. Nothing was kept; copy again while no portal runs.");
            }

            await SetNextIdAsync(target, entity, cancellationToken);
            copied.Add((table, rows));
        }

        await target.Database.CommitTransactionAsync(cancellationToken);
        return copied;
    }

    private static async Task<long> CopyAsync(PortalDbContext source, PortalDbContext target, IEntityType entity, CancellationToken cancellationToken)
    {
        var columns = entity.GetProperties().Select(property => (Name: property.GetColumnName(), Type: property.GetColumnType())).ToList();
        var names = string.Join(", ", columns.Select(column => column.Name));
        await using var read = source.CommandOf($"SELECT {names} FROM {entity.GetTableName()}");
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var connection = (NpgsqlConnection)target.Database.GetDbConnection();
        await using var writer = await connection.BeginBinaryImportAsync($"COPY {entity.GetTableName()} ({names}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        var rows = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            await writer.StartRowAsync(cancellationToken);
            for (var column = 0; column < columns.Count; column++)
            {
                await WriteAsync(writer, reader, column, columns[column].Type, cancellationToken);
            }

            rows++;
        }

        await writer.CompleteAsync(cancellationToken);
        return rows;
    }

    private static Task WriteAsync(NpgsqlBinaryImporter writer, DbDataReader reader, int column, string type, CancellationToken cancellationToken)
    {
        if (reader.IsDBNull(column))
        {
            return writer.WriteNullAsync(cancellationToken);
        }

        return type switch
        {
            "text" => writer.WriteAsync(PostgresText.Clean(reader.GetString(column)), NpgsqlDbType.Text, cancellationToken),
            "bigint" => writer.WriteAsync(reader.GetInt64(column), NpgsqlDbType.Bigint, cancellationToken),
            "integer" => writer.WriteAsync(reader.GetInt32(column), NpgsqlDbType.Integer, cancellationToken),
            "boolean" => writer.WriteAsync(reader.GetBoolean(column), NpgsqlDbType.Boolean, cancellationToken),
            "double precision" => writer.WriteAsync(reader.GetDouble(column), NpgsqlDbType.Double, cancellationToken),
            "bytea" => writer.WriteAsync((byte[])reader.GetValue(column), NpgsqlDbType.Bytea, cancellationToken),
            "timestamp with time zone" => writer.WriteAsync(PortalDbContext.Stored(reader.GetUtc(column)), NpgsqlDbType.TimestampTz, cancellationToken),
            _ => throw new NotSupportedException($"No column of the portal is of type {type}."),
        };
    }

    // The next row must not get a number that a copied one has.
    private static async Task SetNextIdAsync(PortalDbContext target, IEntityType entity, CancellationToken cancellationToken)
    {
        if (entity.FindPrimaryKey()!.Properties is not [var key] || key.ClrType != typeof(long))
        {
            return;
        }

        var (table, column) = (entity.GetTableName(), key.GetColumnName());
        await using var command = target.CommandOf(
            $"SELECT setval(sequence, COALESCE((SELECT MAX({column}) FROM {table}), 0) + 1, false) FROM (SELECT pg_get_serial_sequence('{table}', '{column}') AS sequence) AS s WHERE sequence IS NOT NULL");
        await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<long> CountAsync(PortalDbContext context, string table, CancellationToken cancellationToken)
    {
        await using var command = context.CommandOf($"SELECT COUNT(*) FROM {table}");
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }
}
