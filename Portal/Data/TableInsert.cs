using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Data.Dialects;

namespace Portal.Data;

/// <summary>One prepared statement for many rows, within a context's transaction and without a change tracker in between.</summary>
internal sealed class TableInsert<T> : IDisposable
{
    private readonly IReadOnlyList<Func<T, object?>> _values;
    private readonly SqliteStatement? _statement;
    private readonly DbCommand? _command;

    /// <param name="context">Its connection is open and in a transaction.</param>
    /// <param name="sql">Names the columns as parameters: <c>@Name</c>.</param>
    /// <param name="columns">Each column and where its value comes from.</param>
    public TableInsert(PortalDbContext context, string sql, IReadOnlyList<(string Name, Func<T, object?> Value)> columns)
    {
        _values = [.. columns.Select(column => column.Value)];
        if (context.Database.GetDbConnection() is SqliteConnection connection)
        {
            _statement = new SqliteStatement(connection, sql, columns.Select(column => "@" + column.Name));
            return;
        }

        _command = context.CommandOf(sql);
        foreach (var (name, _) in columns)
        {
            _command.Add("@" + name, null);
        }
    }

    /// <summary>How many rows it changed.</summary>
    public int Execute(T row)
    {
        if (_statement is not null)
        {
            return _statement.Execute(row, _values).Changed;
        }

        Fill(row);
        return _command!.ExecuteNonQuery();
    }

    /// <summary>The number the statement returns; null when it returns none.</summary>
    public long? ExecuteScalar(T row)
    {
        if (_statement is not null)
        {
            return _statement.Execute(row, _values).Returned;
        }

        Fill(row);
        return _command!.ExecuteScalar() is { } number ? Convert.ToInt64(number, CultureInfo.InvariantCulture) : null;
    }

    public void Dispose()
    {
        _statement?.Dispose();
        _command?.Dispose();
    }

    /// <summary>The beginning of an insert: <c>INSERT INTO table (a, b) VALUES (@a, @b)</c>.</summary>
    public static string Values(string table, IEnumerable<(string Name, Func<T, object?> Value)> columns)
    {
        var names = columns.Select(column => column.Name).ToList();
        return $"INSERT INTO {table} ({string.Join(", ", names)}) VALUES ({string.Join(", ", names.Select(name => "@" + name))})";
    }

    private void Fill(T row)
    {
        for (var index = 0; index < _values.Count; index++)
        {
            _command!.Parameters[index].Set(_values[index](row));
        }
    }
}
