using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Data.Dialects;

/// <summary>Teaches SQLite what the other databases know: <see cref="TextSearch"/>.</summary>
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
        ((SqliteConnection)connection).CreateFunction(TextSearch.SqliteLower, static (string? text) => text?.ToLowerInvariant(), isDeterministic: true);
}
