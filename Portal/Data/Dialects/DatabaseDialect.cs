using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Dialects;

/// <summary>What differs between the databases the portal can keep its data in. Nothing outside <c>Portal/Data</c> asks which one it is.</summary>
public abstract class DatabaseDialect : IDisposable
{
    /// <summary>What people call the place, without anything secret: a file, or a database on a host.</summary>
    public abstract string Place { get; }

    internal abstract DbContextOptions<PortalDbContext> Options { get; }

    /// <summary>Makes the tables, or brings them to this build's version.</summary>
    /// <exception cref="StartupException">The database cannot be used; the message says why and what to do.</exception>
    internal abstract void Upgrade();

    /// <summary>Begins a transaction during which nobody else writes, in this process or another one.</summary>
    internal abstract Task BeginAsync(PortalDbContext context, CancellationToken cancellationToken);

    /// <summary>Begins a transaction that reads one moment and waits for nobody.</summary>
    internal abstract Task BeginSnapshotAsync(PortalDbContext context, CancellationToken cancellationToken);

    /// <summary>Names of the triggers that are in force.</summary>
    internal async Task<IReadOnlySet<string>> TriggersAsync(PortalDbContext context, CancellationToken cancellationToken)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        await using var command = context.CommandOf(TriggersSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    /// <summary>Whether several portals may use it at once.</summary>
    public virtual bool IsShared => false;

    /// <summary>Raised with topic and detail of what another portal told; one after the other, on any thread.</summary>
    internal virtual event Action<string, string>? Told
    {
        add { }
        remove { }
    }

    /// <summary>Tells the other portals, once the transaction is committed.</summary>
    internal virtual Task TellAsync(PortalDbContext context, IReadOnlyCollection<(string Topic, string Detail)> messages, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs work while this portal is the one of those on the database that leads, until cancelled.</summary>
    internal virtual Task LeadAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => work(cancellationToken);

    internal abstract DatabaseFault FaultOf(DbException exception);

    /// <summary>How many bytes the database takes.</summary>
    internal async Task<long> SizeAsync(PortalDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        await using var command = context.CommandOf(SizeSql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    private protected abstract string TriggersSql { get; }

    private protected abstract string SizeSql { get; }

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
