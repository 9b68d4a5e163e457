using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Data;

/// <summary>Counts the commands that EF sends to the database of one portal, whoever sends them.</summary>
internal sealed class QueryCount : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string _database;
    private readonly List<IDisposable> _subscriptions = [];
    private int _value;

    /// <param name="dataDirectory">Of the portal.</param>
    public QueryCount(string dataDirectory)
    {
        _database = TestPostgres.Of(dataDirectory) is { } connectionString ? new Npgsql.NpgsqlConnectionStringBuilder(connectionString).Database! : dataDirectory;
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    public int Value => Volatile.Read(ref _value);

    public void Dispose() => _subscriptions.ForEach(static subscription => subscription.Dispose());

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name)
        {
            _subscriptions.Add(value.Subscribe(this));
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == RelationalEventId.CommandExecuting.Name && value.Value is CommandEventData data && data.Connection.ConnectionString.Contains(_database, StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _value);
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
