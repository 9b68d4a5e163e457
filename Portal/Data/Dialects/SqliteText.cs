using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Data.Dialects;

/// <summary>Makes SQLite's <c>lower</c> know all letters, as PostgreSQL's does; its own knows those of ASCII (https://sqlite.org/lang_corefunc.html#lower).</summary>
internal sealed class SqliteText : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Teach(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Teach(connection);
        return Task.CompletedTask;
    }

    // Each time: a connection that goes back to the pool forgets it.
    private static void Teach(DbConnection connection) =>
        ((SqliteConnection)connection).CreateFunction("lower", static (string? text) => text?.ToLowerInvariant(), isDeterministic: true);
}
