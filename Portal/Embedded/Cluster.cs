using System.Text;
using Portal.ApiServer;
using Portal.Embedded.Workloads;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;

namespace Portal.Embedded;

/// <summary>The cluster the portal works with: its own API server in this process, or someone else's by connection.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly KubeApiServer? _server;

    private Cluster(ClusterMode mode, KubeConnection connection, KubeApiServer? server, string? kubeconfig, ApiServerAccess? access = null)
    {
        Mode = mode;
        Connection = connection;
        Kubeconfig = kubeconfig;
        _server = server;
        Access = access;
    }

    public ClusterMode Mode { get; }
    public KubeConnection Connection { get; }

    /// <summary>Path of the kubeconfig written for kubectl; null when the cluster is not ours.</summary>
    public string? Kubeconfig { get; }

    /// <summary>How processes of this machine reach our own API server; null when there is none, or it does not listen.</summary>
    public ApiServerAccess? Access { get; }

    /// <summary>Takes the admission rules of our own API server; null when there is none.</summary>
    public EmbeddedAdmission? Admission { get; private init; }

    /// <exception cref="StartupException">The cluster cannot be had as it is configured.</exception>
    public static async Task<Cluster> ConnectAsync(
        PortalOptions options, DataDirectory? data, PodLogStore logs, TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        switch (Resolve(options.Cluster))
        {
            case ClusterMode.Kubeconfig:
                return Connect(ClusterMode.Kubeconfig, () => KubeConnectionFactory.FromKubeConfig(options.Cluster.Kubeconfig, options.Cluster.Context, timeProvider));
            case ClusterMode.InCluster:
                return Connect(ClusterMode.InCluster, () => KubeConnectionFactory.InCluster(timeProvider));
            case var _ when options.Role != ProcessRole.All || data is null:
                throw new StartupException(
                    $"Portal:Role is '{options.Role.ToString().ToLowerInvariant()}', but the cluster is the embedded one (Portal:Cluster:Mode), whose portal and operator are one process: "
                    + "set the role to 'all', or the mode to 'kubeconfig' or 'incluster'.");
            default:
                return await StartAsync(options, data, logs, timeProvider, loggerFactory, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
        else
        {
            Connection.Handler.Dispose();
        }
    }

    private static ClusterMode Resolve(ClusterOptions options) => options.Mode.ToUpperInvariant() switch
    {
        "KUBECONFIG" => ClusterMode.Kubeconfig,
        "INCLUSTER" => ClusterMode.InCluster,
        "EMBEDDED" => ClusterMode.Embedded,
        _ => KubeConnectionFactory.IsInCluster ? ClusterMode.InCluster : ClusterMode.Embedded,
    };

    private static Cluster Connect(ClusterMode mode, Func<KubeConnection> connect)
    {
        try
        {
            return new Cluster(mode, connect(), server: null, kubeconfig: null);
        }
        catch (KubeConfigException exception)
        {
            throw new StartupException($"The cluster cannot be used (Portal:Cluster:Mode {mode.ToString().ToLowerInvariant()}): {exception.Message}", exception);
        }
    }

    private static async Task<Cluster> StartAsync(
        PortalOptions options, DataDirectory data, PodLogStore logs, TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        var admission = new EmbeddedAdmission();
        var serverOptions = new ApiServerOptions
        {
            LocalWebhooks = [admission.Webhook],
            DatabasePath = data.ClusterDatabase,
            SecurePort = options.ApiServer.Port,
            CertificateDirectory = data.Certificates,
            PodLogs = logs.ReadAsync,
            Audit = string.IsNullOrEmpty(options.ApiServer.AuditLog) ? null : new AuditOptions(Path.GetFullPath(options.ApiServer.AuditLog)),
        };
        KubeApiServer server;
        try
        {
            server = await KubeApiServer.StartAsync(serverOptions, timeProvider, loggerFactory, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new StartupException($"The embedded API server cannot start (Portal:ApiServer, Portal:DataDirectory): {exception.Message}", exception);
        }

        try
        {
            if (server.Kubeconfig is { } kubeconfig)
            {
                DataDirectory.WritePrivate(data.Kubeconfig, Encoding.UTF8.GetBytes(kubeconfig));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await server.DisposeAsync();
            throw new StartupException($"The kubeconfig {data.Kubeconfig} cannot be written (Portal:DataDirectory): {exception.Message} Make room, or move away what is there.", exception);
        }

        var access = server.SecureAddress is { } address ? new ApiServerAccess(address, Path.Combine(data.Certificates, "ca.crt")) : null;
        return new Cluster(ClusterMode.Embedded, server.Connection, server, data.Kubeconfig, access) { Admission = admission };
    }
}
