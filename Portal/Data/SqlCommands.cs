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
