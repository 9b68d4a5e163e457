using System.Data.Common;
using System.Runtime.ExceptionServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data.Dialects;

namespace Portal.Data;

/// <summary>
/// Access to the portal's own database: any number of readers, one writer at a time. A write that returned survives a crash. What goes wrong is a
/// <see cref="DbException"/> on both databases; <see cref="FaultOf"/> says what it means.
/// </summary>
public sealed partial class PortalDatabase : IDisposable
{
    private readonly SemaphoreSlim _writer = new(1);
    private readonly DatabaseDialect _dialect;
    private readonly ILogger _logger;

    // Ends when the handlers of the last commit have run; changed by whoever writes.
    private Task _handled = Task.CompletedTask;

    /// <summary>Opens a SQLite file, creating or upgrading it.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public PortalDatabase(string path)
        : this(new SqliteDialect(path))
    {
    }

    /// <summary>Opens a database, making or upgrading its tables. It is disposed of with this.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public PortalDatabase(DatabaseDialect dialect, ILogger<PortalDatabase>? logger = null)
    {
        (_dialect, _logger) = (dialect, logger ?? NullLogger<PortalDatabase>.Instance);
        try
        {
            dialect.Upgrade();
        }
        catch
        {
            dialect.Dispose();
            throw;
        }
    }

    /// <summary>Where it is, for people.</summary>
    public string Place => _dialect.Place;

    /// <summary>How many bytes it takes.</summary>
    public Task<long> SizeAsync(CancellationToken cancellationToken) => ReadAsync(context => _dialect.SizeAsync(context, cancellationToken));

    /// <summary>Whether other portals may use it at the same time.</summary>
    public bool IsShared => _dialect.IsShared;

    /// <summary>Raised with topic and detail (<see cref="PortalDbContext.Tell"/>) of what another portal did; never for what this one does.</summary>
    public event Action<string, string>? Told
    {
        add => _dialect.Told += value;
        remove => _dialect.Told -= value;
    }

    /// <summary>Why the database refused.</summary>
    public DatabaseFault FaultOf(DbException exception) => _dialect.FaultOf(exception);

    /// <summary>Runs a query; entities it returns are detached.</summary>
    public async Task<T> ReadAsync<T>(Func<PortalDbContext, Task<T>> query)
    {
        await using var context = new PortalDbContext(_dialect.Options);
        context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        try
        {
            return await query(context);
        }
        catch (InvalidOperationException exception) when (exception.InnerException is DbException)
        {
            throw Unwrapped(exception);
        }
    }

    /// <summary>Runs queries that all see the same moment; they hold up no writer.</summary>
    public Task<T> SnapshotAsync<T>(Func<PortalDbContext, Task<T>> query, CancellationToken cancellationToken) => ReadAsync(async context =>
    {
        await _dialect.BeginSnapshotAsync(context, cancellationToken);
        return await query(context);
    });

    /// <summary>Runs work while this portal leads: always, unless it shares the database with others. Returns when cancelled.</summary>
    internal Task LeadAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => _dialect.LeadAsync(work, cancellationToken);

    /// <summary>Names of the triggers that are in force.</summary>
    internal Task<IReadOnlySet<string>> TriggersAsync(PortalDbContext context, CancellationToken cancellationToken) =>
        _dialect.TriggersAsync(context, cancellationToken);

    /// <summary>Runs a quick query where nothing can be awaited.</summary>
    public T Read<T>(Func<PortalDbContext, T> query)
    {
        using var context = new PortalDbContext(_dialect.Options);
        context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        try
        {
            return query(context);
        }
        catch (InvalidOperationException exception) when (exception.InnerException is DbException)
        {
            throw Unwrapped(exception);
        }
    }

    /// <summary>
    /// Runs a change as one transaction; nobody else writes meanwhile, in any portal, so what it reads first still holds when it writes. When this returns, it
    /// is committed and its <see cref="PortalDbContext.AfterCommit"/> handlers have run, whatever became of them.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<PortalDbContext, Task<T>> change, CancellationToken cancellationToken) =>
        // Not on the one thread that a page has: while that is busy with something else, everybody who writes would wait.
        SynchronizationContext.Current is null ? CommitAsync(change, cancellationToken) : Task.Run(() => CommitAsync(change, cancellationToken), CancellationToken.None);

    public Task WriteAsync(Func<PortalDbContext, Task> change, CancellationToken cancellationToken) =>
        WriteAsync(async context => { await change(context); return true; }, cancellationToken);

    public void Dispose()
    {
        _dialect.Dispose();
        _writer.Dispose();
    }

    private async Task<T> CommitAsync<T>(Func<PortalDbContext, Task<T>> change, CancellationToken cancellationToken)
    {
        T result;
        Task handled;
        await _writer.WaitAsync(cancellationToken);
        try
        {
            await using var context = new PortalDbContext(_dialect.Options);
            await _dialect.BeginAsync(context, cancellationToken);
            result = await change(context);
            await context.SaveChangesAsync(cancellationToken);
            await _dialect.TellAsync(context, context.Messages, cancellationToken);
            await context.Database.CommitTransactionAsync(cancellationToken);
            RunAll(context.CommitActions);
            handled = HandleAsync(context.CommitHandlers);
        }
        catch (Exception exception) when (exception is InvalidOperationException or DbUpdateException && exception.InnerException is DbException)
        {
            throw Unwrapped(exception);
        }
        finally
        {
            _writer.Release();
        }

        await handled;
        return result;
    }

    // Begins on another thread once those of the commit before are done, whatever time they take.
    private Task HandleAsync(IReadOnlyList<Action> handlers) => handlers.Count == 0 ? Task.CompletedTask
        : _handled = _handled.ContinueWith(_ => RunAll(handlers), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private void RunAll(IReadOnlyList<Action> actions)
    {
        foreach (var action in actions)
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                // What was written is written: nobody may take it for an error of the write. The message may hold what was written.
                Log.HandlerFailed(_logger, action.Method.DeclaringType?.FullName, exception.GetType().FullName);
            }
        }
    }

    // EF wraps what goes wrong when it saves, and Npgsql's provider what may pass by itself, to recommend its own retries.
    private static Exception Unwrapped(Exception exception)
    {
        ExceptionDispatchInfo.Throw(exception.InnerException!);
        return exception;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "What {Handler} does after a change was committed failed: {Exception}. The change stands.")]
        public static partial void HandlerFailed(ILogger logger, string? handler, string? exception);
    }
}
