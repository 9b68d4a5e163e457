using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Dialects;

/// <summary>A file. <c>PRAGMA user_version</c> counts the steps taken; each is one transaction.</summary>
internal sealed class SqliteDialect : DatabaseDialect
{
    private readonly string _connectionString;

    public SqliteDialect(string path)
    {
        ApiServer.Storage.SqliteBootstrap.Initialize();
        Place = path;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        Options = new DbContextOptionsBuilder<PortalDbContext>().UseSqlite(_connectionString).AddInterceptors(new SqliteText()).Options;
    }

    public override string Place { get; }

    internal override DbContextOptions<PortalDbContext> Options { get; }

    internal override void Upgrade()
    {
        // Drafts, inputs and answers are private; SQLite gives its other files the mode of this one.
        Embedded.DataDirectory.ReservePrivate(Place);
        try
        {
            using var connection = new SqliteConnection(_connectionString);
            connection.Open();
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = FULL");
            var steps = PortalSchema.Steps;
            var version = Version(connection);
            if (version > steps.Count)
            {
                throw new StartupException(
                    $"{Place} was written by a newer portal (version {version}, this one knows {steps.Count}). "
                    + "Start that one, or use another data directory (Portal:DataDirectory).");
            }

            for (; version < steps.Count; version++)
            {
                using var transaction = connection.BeginTransaction();
                Execute(connection, steps[version].Sqlite);
                Execute(connection, $"PRAGMA user_version = {version + 1}");
                transaction.Commit();
            }
        }
        catch (SqliteException exception)
        {
            throw new StartupException(
                $"The database {Place} cannot be used: {exception.Message}. Restore it from a backup, or move it away to start with an empty one.",
                exception);
        }
    }

    // One process has the file, and in it one writes at a time.
    internal override Task BeginAsync(PortalDbContext context, CancellationToken cancellationToken) => context.Database.BeginTransactionAsync(cancellationToken);

    internal override async Task BeginSnapshotAsync(PortalDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        var transaction = ((SqliteConnection)context.Database.GetDbConnection()).BeginTransaction(deferred: true);
        await context.Database.UseTransactionAsync(transaction, cancellationToken);
    }

    // https://sqlite.org/rescode.html: BUSY, LOCKED; FULL; PERM, READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB.
    internal override DatabaseFault FaultOf(DbException exception) => (exception as SqliteException)?.SqliteErrorCode switch
    {
        5 or 6 => DatabaseFault.Busy,
        13 => DatabaseFault.Full,
        3 or 8 or 10 or 11 or 14 or 26 => DatabaseFault.Unavailable,
        _ => DatabaseFault.Other,
    };

    private protected override string SizeSql => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

    private protected override string TriggersSql => "SELECT name FROM sqlite_master WHERE type = 'trigger'";

    private static int Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
