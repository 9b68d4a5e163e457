using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Data.Dialects;

namespace Portal.Data;

/// <summary>One prepared statement that returns a number for each of many rows, within a context's transaction.</summary>
internal sealed class ScalarStatement<T> : IDisposable
{
    private readonly IReadOnlyList<TableColumn<T>> _columns;
    private readonly SqliteStatement? _statement;
    private readonly DbCommand? _command;

    /// <param name="context">Its connection is open and in a transaction.</param>
    /// <param name="sql">Names the columns as parameters: <c>@Name</c>.</param>
    /// <param name="columns">Those it names.</param>
    public ScalarStatement(PortalDbContext context, string sql, IReadOnlyList<TableColumn<T>> columns)
    {
        _columns = columns;
        if (context.Database.GetDbConnection() is SqliteConnection connection)
        {
            _statement = new SqliteStatement(connection, sql, columns.Select(column => "@" + column.Name));
            return;
        }

        _command = context.CommandOf(sql);
        foreach (var column in columns)
        {
            _command.Add("@" + column.Name, null);
        }
    }

    /// <summary>Null when it returns none.</summary>
    public long? Execute(T row)
    {
        if (_statement is not null)
        {
            return _statement.Execute(row, _columns).Returned;
        }

        for (var index = 0; index < _columns.Count; index++)
        {
            _command!.Parameters[index].Set(_columns[index].ValueOf(row));
        }

        return _command!.ExecuteScalar() is { } number ? Convert.ToInt64(number, CultureInfo.InvariantCulture) : null;
    }

    public void Dispose()
    {
        _statement?.Dispose();
        _command?.Dispose();
    }
}
