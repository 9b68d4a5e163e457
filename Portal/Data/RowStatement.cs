using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Data.Dialects;

namespace Portal.Data;

/// <summary>
/// A change of a table that is made for many rows within a context's transaction, without a change tracker in between. SQLite takes row after row with one
/// prepared statement; PostgreSQL takes all of them at once, as an array of each column, since there every statement is a way to the server and back.
/// </summary>
internal sealed class RowStatement<T>
{
    private readonly IReadOnlyList<TableColumn<T>> _columns;
    private readonly string _sqlite;
    private readonly string _postgres;

    private RowStatement(IReadOnlyList<TableColumn<T>> columns, string sqlite, string postgres) => (_columns, _sqlite, _postgres) = (columns, sqlite, postgres);

    /// <param name="table">Where to.</param>
    /// <param name="columns">The key first.</param>
    /// <param name="onConflict">What follows the values: <c>ON CONFLICT …</c>. With <c>DO UPDATE</c> no two rows may have the same key.</param>
    public static RowStatement<T> Insert(string table, IReadOnlyList<TableColumn<T>> columns, string onConflict) => new(
        columns,
        $"INSERT INTO {table} ({Names(columns)}) VALUES ({Parameters(columns)}) {onConflict}",
        $"INSERT INTO {table} ({Names(columns)}) SELECT * FROM unnest({Parameters(columns)}) {onConflict}");

    public static RowStatement<T> Update(string table, IReadOnlyList<TableColumn<T>> key, IReadOnlyList<TableColumn<T>> columns) => new(
        [.. key, .. columns],
        $"UPDATE {table} SET {Each(columns, ", ", name => $"{name} = @{name}")} WHERE {Each(key, " AND ", name => $"{name} = @{name}")}",
        $"UPDATE {table} SET {Each(columns, ", ", name => $"{name} = v.{name}")} FROM {Rows([.. key, .. columns])} WHERE {Each(key, " AND ", name => $"{table}.{name} = v.{name}")}");

    public static RowStatement<T> Delete(string table, IReadOnlyList<TableColumn<T>> key, string condition) => new(
        key,
        $"DELETE FROM {table} WHERE {Each(key, " AND ", name => $"{name} = @{name}")} AND {condition}",
        $"DELETE FROM {table} USING {Rows(key)} WHERE {Each(key, " AND ", name => $"{table}.{name} = v.{name}")} AND {condition}");

    public void Execute(PortalDbContext context, IReadOnlyList<T> rows)
    {
        if (context.Database.GetDbConnection() is SqliteConnection connection)
        {
            ExecuteEach(connection, rows, static (_, _) => { });
        }
        else if (rows.Count > 0)
        {
            using var command = CommandOf(context, _postgres, rows);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>Of an insert that does nothing on a conflict: the rows that were not there, of several with the same key the first.</summary>
    public IReadOnlyList<T> ExecuteNew(PortalDbContext context, IReadOnlyList<T> rows)
    {
        var added = new List<T>();
        if (context.Database.GetDbConnection() is SqliteConnection connection)
        {
            ExecuteEach(connection, rows, (row, changed) =>
            {
                if (changed == 1)
                {
                    added.Add(row);
                }
            });
        }
        else if (rows.Count > 0)
        {
            using var command = CommandOf(context, $"{_postgres} RETURNING {_columns[0].Name}", rows);
            using var reader = command.ExecuteReader();
            var keys = new HashSet<object>();
            while (reader.Read())
            {
                keys.Add(reader.GetValue(0));
            }

            added.AddRange(rows.Where(row => keys.Remove(_columns[0].ValueOf(row)!)));
        }

        return added;
    }

    private void ExecuteEach(SqliteConnection connection, IReadOnlyList<T> rows, Action<T, int> done)
    {
        using var statement = new SqliteStatement(connection, _sqlite, _columns.Select(column => "@" + column.Name));
        foreach (var row in rows)
        {
            done(row, statement.Execute(row, _columns).Changed);
        }
    }

    private DbCommand CommandOf(PortalDbContext context, string sql, IReadOnlyList<T> rows)
    {
        var command = context.CommandOf(sql);
        foreach (var column in _columns)
        {
            command.Add("@" + column.Name, column.ValuesOf(rows));
        }

        return command;
    }

    private static string Rows(IReadOnlyList<TableColumn<T>> columns) => $"unnest({Parameters(columns)}) AS v ({Names(columns)})";

    private static string Names(IReadOnlyList<TableColumn<T>> columns) => Each(columns, ", ", name => name);

    private static string Parameters(IReadOnlyList<TableColumn<T>> columns) => Each(columns, ", ", name => "@" + name);

    private static string Each(IReadOnlyList<TableColumn<T>> columns, string between, Func<string, string> write) =>
        string.Join(between, columns.Select(column => write(column.Name)));
}
