using Portal.ApiServer.Admission;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer;

/// <summary>How to run an embedded API server.</summary>
public sealed record ApiServerOptions
{
    /// <summary>SQLite file that keeps all objects; null keeps them in memory.</summary>
    public string? DatabasePath { get; init; }

    /// <summary>Loopback port of the TLS listener for kubectl: 0 takes any free port, null means no listener.</summary>
    public int? SecurePort { get; init; }

    /// <summary>Where the certificate authority, the server certificate and the administrator's token are kept (mode 0600); null makes new ones each time.</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>Where logs of pods come from; null when nothing keeps any.</summary>
    public PodLogs? PodLogs { get; init; }

    /// <summary>The audit log; null writes none.</summary>
    public AuditOptions? Audit { get; init; }

    /// <summary>Webhooks of this process, in the order they are asked.</summary>
    public IReadOnlyList<LocalWebhook> LocalWebhooks { get; init; } = [];

    /// <summary>Where tests look into or break the storage.</summary>
    internal StorageProbe? StorageProbe { get; init; }
}
