using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Portal.Data.Dialects;

/// <summary>
/// A database on a server, which several portals may use at once. Whoever writes holds one advisory lock until the end of the transaction, so that writers
/// come one after the other whichever portal they are in (docs/decisions/0008-postgresql.md).
/// </summary>
public sealed class PostgresDialect : DatabaseDialect
{
    /// <summary>Of the advisory locks of this portal; the second number is its schema.</summary>
    private const int LockClass = 0x67656e6b;

    /// <summary>
    /// As long as SQLite waits for another writer. A portal that is gone without a word (its machine, the network) must not hold the others up for ever:
    /// between two statements of a transaction nothing here takes a minute.
    /// </summary>
    private static readonly string s_begin = $"""
        SET LOCAL lock_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '60s';
        SELECT pg_advisory_xact_lock({LockClass}, hashtext(current_schema()))
        """;

    private readonly NpgsqlDataSource _source;
    private readonly PostgresPeers _peers;

    /// <exception cref="StartupException">The connection string is not understood. What it says is not repeated: it holds a password.</exception>
    public PostgresDialect(string connectionString)
    {
        var settings = PostgresSettings.Read(connectionString);
        Place = $"the database {settings.Database} on {settings.Host}:{settings.Port}";
        _source = NpgsqlDataSource.Create(settings);
        _peers = new PostgresPeers(_source, LockClass, TimeProvider.System);
        Options = new DbContextOptionsBuilder<PortalDbContext>().UseNpgsql(_source).AddInterceptors(new PostgresText()).Options;
    }

    public override string Place { get; }

    internal override DbContextOptions<PortalDbContext> Options { get; }

    public override bool IsShared => true;

    internal override event Action<string, string>? Told
    {
        add
        {
            _peers.Told += value;
            _peers.Start();
        }

        remove => _peers.Told -= value;
    }

    internal override void Upgrade()
    {
        try
        {
            using var connection = _source.OpenConnection();
            PostgresUpgrade.Run(connection, s_begin, Place);
        }
        catch (NpgsqlException exception)
        {
            throw new StartupException(PostgresUpgrade.Explain(exception, Place), exception);
        }
    }

    /// <remarks>
    /// The isolation is READ COMMITTED: each statement sees what was committed before it, thus everything the holder of the lock before us wrote. A stricter
    /// one would take its picture before it waits.
    /// </remarks>
    internal override async Task BeginAsync(PortalDbContext context, CancellationToken cancellationToken)
    {
        try
        {
            await BeginOnceAsync(context, cancellationToken);
        }
        catch (NpgsqlException exception) when (exception.IsTransient && FaultOf(exception) != DatabaseFault.Busy)
        {
            // A connection of the pool that a restart of the server broke. Nothing was done yet, so a fresh one may be tried.
            await BeginOnceAsync(context, cancellationToken);
        }
    }

    /// <remarks>Compiling a statement that sums two dozen columns takes the server seconds, and adding them up milliseconds.</remarks>
    internal override async Task BeginSnapshotAsync(PortalDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await context.Database.ExecuteSqlRawAsync("SET LOCAL jit = off", cancellationToken);
    }

    internal override DatabaseFault FaultOf(DbException exception) => exception switch
    {
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        PostgresException { SqlState: "55P03" or "40001" or "40P01" or "53300" } => DatabaseFault.Busy,
        PostgresException { SqlState: "53100" } => DatabaseFault.Full,
        PostgresException postgres when postgres.SqlState[..2] is "08" or "53" or "57" or "58" or "25" or "28" or "XX" => DatabaseFault.Unavailable,
        PostgresException => DatabaseFault.Other,
        _ => DatabaseFault.Unavailable,
    };

    private protected override string SizeSql => "SELECT pg_database_size(current_database())";

    private protected override string TriggersSql =>
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND tgenabled <> 'D' AND relnamespace = current_schema()::regnamespace";

    internal override async Task TellAsync(PortalDbContext context, IReadOnlyCollection<(string Topic, string Detail)> messages, CancellationToken cancellationToken)
    {
        await using var command = context.CommandOf($"SELECT pg_notify({PostgresPeers.Channel}, @payload)");
        var payload = command.Add("@payload", "");
        foreach (var (topic, detail) in messages)
        {
            // It takes 8,000 bytes.
            payload.Set($"{_peers.Id}\n{(detail.Length > 2000 ? PortalTopics.Anything : topic)}\n{(detail.Length > 2000 ? "" : detail)}");
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    internal override Task LeadAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => _peers.LeadAsync(work, cancellationToken);

    public override void Dispose()
    {
        // Not on the caller's thread, which may be the only one that its awaits go on.
        Task.Run(() => _peers.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        _source.Dispose();
        base.Dispose();
    }

    private static async Task BeginOnceAsync(PortalDbContext context, CancellationToken cancellationToken)
    {
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            await context.Database.ExecuteSqlRawAsync(s_begin, cancellationToken);
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }
}
