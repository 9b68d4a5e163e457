using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Portal.Data;

namespace Portal.Tests.Portal.Data;

/// <summary>Is there when a database has committed, before whoever wrote knows of it. What it throws, the writer gets: as if the process died there.</summary>
internal sealed class CommitWitness : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string? _place;
    private readonly Action _committed;
    private readonly IDisposable _sources;
    private readonly ConcurrentBag<IDisposable> _events = [];

    public CommitWitness(PortalDatabase database, Action committed)
    {
        _place = database.Read(static context => context.Database.GetConnectionString());
        _committed = committed;
        _sources = DiagnosticListener.AllListeners.Subscribe(this);
    }

    public void Dispose()
    {
        _sources.Dispose();
        foreach (var events in _events)
        {
            events.Dispose();
        }
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name)
        {
            _events.Add(value.Subscribe(this, static (name, _, _) => name == RelationalEventId.TransactionCommitted.Name));
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == RelationalEventId.TransactionCommitted.Name && value.Value is TransactionEndEventData { Context: PortalDbContext context }
            && context.Database.GetConnectionString() == _place)
        {
            _committed();
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
