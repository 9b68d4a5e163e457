using System.Data.Common;

namespace Portal.Data;

/// <summary>One prepared statement for many rows, within a context's transaction and without a change tracker in between.</summary>
internal sealed class TableInsert<T> : IDisposable
{
    private readonly DbCommand _command;
    private readonly (DbParameter Parameter, Func<T, object?> Value)[] _parameters;

    /// <param name="context">Its connection is open and in a transaction.</param>
    /// <param name="sql">Names the columns as parameters: <c>@Name</c>.</param>
    /// <param name="columns">Each column and where its value comes from.</param>
    public TableInsert(PortalDbContext context, string sql, IReadOnlyList<(string Name, Func<T, object?> Value)> columns)
    {
        _command = context.CommandOf(sql);
        _parameters = [.. columns.Select(column => (_command.Add("@" + column.Name, null), column.Value))];
    }

    /// <summary>How many rows it made.</summary>
    public int Execute(T row)
    {
        Fill(row);
        return _command.ExecuteNonQuery();
    }

    /// <summary>What the statement returns.</summary>
    public object? ExecuteScalar(T row)
    {
        Fill(row);
        return _command.ExecuteScalar();
    }

    public void Dispose() => _command.Dispose();

    /// <summary>The beginning of an insert: <c>INSERT INTO table (a, b) VALUES (@a, @b)</c>.</summary>
    public static string Values(string table, IEnumerable<(string Name, Func<T, object?> Value)> columns)
    {
        var names = columns.Select(column => column.Name).ToList();
        return $"INSERT INTO {table} ({string.Join(", ", names)}) VALUES ({string.Join(", ", names.Select(name => "@" + name))})";
    }

    private void Fill(T row)
    {
        foreach (var (parameter, value) in _parameters)
        {
            parameter.Set(value(row));
        }
    }
}
