using Microsoft.Extensions.Logging;
using Portal.ApiServer.Admission;
using Portal.ApiServer.Auth;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Handlers;

/// <summary>What every handler and controller of one server shares.</summary>
internal sealed class ServerContext(
    RevisionLog log, ResourceRegistry registry, AdmissionChain admission, TimeProvider timeProvider, ILoggerFactory loggers, CancellationToken stopping)
{
    public RevisionLog Log { get; } = log;
    public ResourceRegistry Registry { get; } = registry;
    public AdmissionChain Admission { get; } = admission;
    public Authorizer Authorizer { get; } = new(log);
    public NamespaceGate Namespaces { get; } = new();
    public TimeProvider TimeProvider { get; } = timeProvider;
    public ILoggerFactory Loggers { get; } = loggers;

    /// <summary>Fires when the server stops: long requests end.</summary>
    public CancellationToken Stopping { get; } = stopping;

    /// <summary>Runs after a commit and before the answer; set once at start. Makes a new CRD served by the time its create returns.</summary>
    public Func<StoredObject, Task> AfterWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>Now, in the whole seconds that timestamps of objects have.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var now = TimeProvider.GetUtcNow();
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        }
    }

    public string Timestamp => Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
