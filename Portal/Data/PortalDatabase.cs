using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>Access to <c>portal.db</c>: any number of readers, one writer at a time. A write that returned survives a crash.</summary>
public sealed class PortalDatabase : IDisposable
{
    private readonly SemaphoreSlim _writer = new(1);
    private readonly DbContextOptions<PortalDbContext> _options;

    /// <summary>Opens the database, creating or upgrading it.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public PortalDatabase(string path)
    {
        ApiServer.Storage.SqliteBootstrap.Initialize();
        // Drafts, inputs and answers are private; SQLite gives its other files the mode of this one.
        Embedded.DataDirectory.ReservePrivate(path);
        var connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        PortalSchema.Upgrade(connectionString, path);
        _options = new DbContextOptionsBuilder<PortalDbContext>().UseSqlite(connectionString).Options;
    }

    /// <summary>Runs a query; entities it returns are detached.</summary>
    public async Task<T> ReadAsync<T>(Func<PortalDbContext, Task<T>> query)
    {
        await using var context = new PortalDbContext(_options);
        context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await query(context);
    }

    /// <summary>Runs a quick query where nothing can be awaited.</summary>
    public T Read<T>(Func<PortalDbContext, T> query)
    {
        using var context = new PortalDbContext(_options);
        context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return query(context);
    }

    /// <summary>Runs a change as one transaction; nobody else writes meanwhile, so what it reads first still holds when it writes.</summary>
    public async Task<T> WriteAsync<T>(Func<PortalDbContext, Task<T>> change, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            await using var context = new PortalDbContext(_options);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var result = await change(context);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            context.Committed();
            return result;
        }
        finally
        {
            _writer.Release();
        }
    }

    public Task WriteAsync(Func<PortalDbContext, Task> change, CancellationToken cancellationToken) =>
        WriteAsync(async context => { await change(context); return true; }, cancellationToken);

    public void Dispose() => _writer.Dispose();
}
