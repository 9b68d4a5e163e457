using Portal.Auth.Options;
using Portal.Data;

namespace Portal;

/// <summary>The one options tree, bound from the section <c>Portal</c> (environment: <c>Portal__DataDirectory</c> and so on).</summary>
public sealed record PortalOptions
{
    public const string Section = "Portal";

    /// <summary>Where <c>portal.db</c>, <c>cluster.db</c>, <c>kubeconfig</c> and <c>flows/</c> live; relative to the working directory.</summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>What this process is.</summary>
    public ProcessRole Role { get; init; } = ProcessRole.All;

    /// <summary>What people's browsers call the portal, such as <c>https://portal.example.com</c>; null takes what each request says.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Networks of the proxies in front, with commas; what they say about who asks is believed.</summary>
    public string TrustedProxies { get; init; } = "";

    /// <summary>Refuses every change, whoever asks.</summary>
    public bool ReadOnly { get; init; }

    public DatabaseOptions Database { get; init; } = new();
    public ClusterOptions Cluster { get; init; } = new();
    public OperatorSettings Operator { get; init; } = new();
    public ApiServerEndpointOptions ApiServer { get; init; } = new();
    public UsageRecordOptions Usage { get; init; } = new();
    public AuditLogOptions Audit { get; init; } = new();
    public ReleaseOptions Releases { get; init; } = new();
    public NotificationOptions Notifications { get; init; } = new();

    /// <summary>Port on every interface for probes, metrics and the usage of runners, and nothing else; null opens none.</summary>
    public int? ManagementPort { get; init; }

    public AdmissionSettings Admission { get; init; } = new();

    /// <summary>The section <c>Portal:Auth</c>, which is read by a reader of its own.</summary>
    public AuthOptions SignIn { get; init; } = new();

    /// <summary><see cref="DataDirectory"/> as an absolute path.</summary>
    public string DataPath => Path.GetFullPath(DataDirectory);
}

/// <summary>Which Kubernetes API the portal works with.</summary>
public sealed record ClusterOptions
{
    /// <summary><c>auto</c> (in-cluster when inside a pod, else embedded), <c>embedded</c>, <c>kubeconfig</c> or <c>incluster</c>.</summary>
    public string Mode { get; init; } = "auto";

    /// <summary>Path of the kubeconfig; null means <c>$KUBECONFIG</c>, then <c>~/.kube/config</c>. Only for mode <c>kubeconfig</c>.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Context of the kubeconfig; null means its current one.</summary>
    public string? Context { get; init; }
}

/// <summary>The embedded API server's own listener, for kubectl.</summary>
public sealed record ApiServerEndpointOptions
{
    /// <summary>TLS port on loopback; 0 means any free port.</summary>
    public int Port { get; init; } = 7443;

    /// <summary>File for the audit log (who did what, one JSON object a line); null writes none.</summary>
    public string? AuditLog { get; init; }
}

/// <summary>What calls used, and who may tell of it.</summary>
public sealed record UsageRecordOptions
{
    /// <summary>Token of runners that this portal does not run itself; null accepts none of them.</summary>
    public string? Token { get; init; }

    /// <summary>How long the records of calls are kept.</summary>
    public int RetentionDays { get; init; } = 90;

    /// <summary>How long their sums by the hour are kept; those by the day stay for ever.</summary>
    public int HourlyDays { get; init; } = 400;

    public TimeSpan Retention => TimeSpan.FromDays(RetentionDays);

    public TimeSpan HourlyRetention => TimeSpan.FromDays(Math.Max(RetentionDays, HourlyDays));
}

/// <summary>Which parts of the product run in a process.</summary>
public enum ProcessRole
{
    /// <summary>Portal and operator together.</summary>
    All,

    /// <summary>Pages and REST; another process is the operator.</summary>
    Portal,

    /// <summary>The operator with health and metrics; no pages and no data directory.</summary>
    Operator,
}

/// <summary>What <see cref="ClusterOptions.Mode"/> may say, resolved.</summary>
public enum ClusterMode
{
    Embedded,
    Kubeconfig,
    InCluster,
}
