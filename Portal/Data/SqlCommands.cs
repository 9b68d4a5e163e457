using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Portal.Data.Dialects;

namespace Portal.Data;

/// <summary>Commands in SQL that both databases understand: <c>@name</c> parameters, names without quotes.</summary>
internal static class SqlCommands
{
    /// <summary>A command on the context's connection, which must be open, within its transaction if there is one.</summary>
    public static DbCommand CommandOf(this PortalDbContext context, string sql)
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = sql;
        return command;
    }

    /// <summary>
    /// Joins to each row of <c>p</c> the rows <c>x</c> of a table whose <paramref name="column"/> is from <c>p.a</c> to before <c>p.b</c>, by its index: neither database
    /// would choose that by itself, as it does not know how little lies between.
    /// </summary>
    public static string RangeJoin(this PortalDbContext context, string table, string column) => context.Database.IsNpgsql()
        ? $"CROSS JOIN LATERAL (SELECT * FROM {table} r WHERE r.{column} >= p.a AND r.{column} < p.b OFFSET 0) x"
        : $"CROSS JOIN {table} x ON x.{column} >= p.a AND x.{column} < p.b";

    /// <summary>Adds a parameter; null, text, numbers, booleans and times in UTC mean the same on both databases.</summary>
    public static DbParameter Add(this DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Set(value);
        command.Parameters.Add(parameter);
        return parameter;
    }

    /// <inheritdoc cref="Add"/>
    public static void Set(this DbParameter parameter, object? value) => parameter.Value = value switch
    {
        null => DBNull.Value,
        string text => PostgresText.Clean(text),
        DateTime time => PortalDbContext.Stored(time),
        _ => value,
    };

    /// <summary>A time that was stored in UTC.</summary>
    public static DateTime GetUtc(this DbDataReader reader, int column) => DateTime.SpecifyKind(reader.GetDateTime(column), DateTimeKind.Utc);
}
