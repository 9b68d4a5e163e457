using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portal.Data.Dialects;

/// <summary>
/// A statement that stays prepared and is run for row after row. What ADO does for each of them, a reader and a search for every parameter by name, takes longer than the row.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    // By name, as the compiler would compare the versions of two packages that agree in what is used of them: see SqliteBootstrap.
    private static readonly MethodInfo s_handle = typeof(SqliteConnection).GetProperty("Handle")!.GetMethod!;

    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _places;

    /// <param name="connection">Open; what is done is part of its transaction.</param>
    /// <param name="sql">One statement.</param>
    /// <param name="names">Its parameters, in the order of the columns.</param>
    /// <exception cref="SqliteException">It is not understood.</exception>
    public SqliteStatement(SqliteConnection connection, string sql, IEnumerable<string> names)
    {
        _connection = (sqlite3?)s_handle.Invoke(connection, null) ?? throw new InvalidOperationException("The connection is closed.");
        Require(raw.sqlite3_prepare_v2(_connection, sql, out _statement));
        _places = [.. names.Select(name => raw.sqlite3_bind_parameter_index(_statement, name))];
    }

    /// <summary>How many rows it changed, and the number it returned, if it does.</summary>
    /// <exception cref="SqliteException">It was refused.</exception>
    public (int Changed, long? Returned) Execute<T>(T row, IReadOnlyList<TableColumn<T>> columns)
    {
        for (var index = 0; index < _places.Length; index++)
        {
            Bind(_places[index], columns[index].ValueOf(row));
        }

        long? returned = null;
        int result;
        while ((result = raw.sqlite3_step(_statement)) == raw.SQLITE_ROW)
        {
            returned = raw.sqlite3_column_int64(_statement, 0);
        }

        var changed = raw.sqlite3_changes(_connection);
        raw.sqlite3_reset(_statement);
        Require(result);
        return (changed, returned);
    }

    public void Dispose() => _statement.Dispose();

    private void Bind(int place, object? value) => Require(value switch
    {
        null => raw.sqlite3_bind_null(_statement, place),
        string text => raw.sqlite3_bind_text(_statement, place, text),
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        int number => raw.sqlite3_bind_int64(_statement, place, number),
        bool flag => raw.sqlite3_bind_int(_statement, place, flag ? 1 : 0),
        DateTime time => raw.sqlite3_bind_text(_statement, place, time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException($"A {value.GetType().Name} has no place in a row.", nameof(value)),
    });

    private void Require(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
        {
            throw new SqliteException($"SQLite Error {result}: '{raw.sqlite3_errmsg(_connection).utf8_to_string()}'.", result & 0xff, raw.sqlite3_extended_errcode(_connection));
        }
    }
}
