using Portal.Data;
using Portal.Embedded;
using Portal.Embedded.Workloads;

namespace Portal;

/// <summary>What must be there before the container is built, and goes after everything in it: data directory, log sink, database, cluster.</summary>
internal sealed class PortalResources : IAsyncDisposable
{
    private ILoggerFactory? _loggers;
    private DataDirectory? _data;
    private PortalDatabase? _database;
    private Cluster? _cluster;

    public PodLogStore PodLogs { get; } = new();

    public DataDirectory Data => _data ?? throw new InvalidOperationException("Not open.");

    public PortalDatabase Database => _database ?? throw new InvalidOperationException("Not open.");
    public Cluster Cluster => _cluster ?? throw new InvalidOperationException("Not open.");

    /// <exception cref="StartupException">Something cannot be opened; what was opened before it is closed by disposing this.</exception>
    public async Task OpenAsync(PortalOptions options, IConfiguration configuration, CancellationToken cancellationToken)
    {
        _data = options.Role == ProcessRole.Operator ? null : DataDirectory.Open(options.DataPath);
        var loggers = _loggers = LoggerFactory.Create(logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddConsole());

        // Side by side: both take a good part of the start.
        var database = _data is { } data ? Task.Run(() => DataModule.Open(options.Database, data, loggers.CreateLogger<PortalDatabase>()), CancellationToken.None) : null;
        try
        {
            _cluster = await Cluster.ConnectAsync(options, _data, PodLogs, TimeProvider.System, _loggers, cancellationToken);
        }
        finally
        {
            _database = database is null ? null : await database;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _database?.Dispose();
        _loggers?.Dispose();
        _data?.Dispose();
    }
}
