using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Portal.Operator.Api;

/// <summary>How a container is asked whether it is well, as in core/v1. What is not given stays as the operator has it.</summary>
public sealed record Probe
{
    [Description("A command that ends with 0.")]
    public ExecAction? Exec { get; init; }

    [Description("Failures in a row that count.")]
    [Range(1, int.MaxValue)]
    public int? FailureThreshold { get; init; }

    [Description("A gRPC health check.")]
    public GrpcAction? Grpc { get; init; }

    [Description("An HTTP request that is answered with 200 to 399.")]
    public HttpGetAction? HttpGet { get; init; }

    [Description("Seconds before the first.")]
    [Range(0, int.MaxValue)]
    public int? InitialDelaySeconds { get; init; }

    [Description("Seconds from one to the next.")]
    [Range(1, int.MaxValue)]
    public int? PeriodSeconds { get; init; }

    [Description("Successes in a row that count.")]
    [Range(1, int.MaxValue)]
    public int? SuccessThreshold { get; init; }

    [Description("A TCP connection that opens.")]
    public TcpSocketAction? TcpSocket { get; init; }

    [Description("Seconds one may take.")]
    [Range(1, int.MaxValue)]
    public int? TimeoutSeconds { get; init; }
}

public sealed record ExecAction
{
    [Description("The command and its arguments; not run in a shell.")]
    public IReadOnlyList<string>? Command { get; init; }
}

public sealed record GrpcAction
{
    [Description("Number of the port.")]
    [Required]
    [Range(1, 65535)]
    public int Port { get; init; }

    [Description("Service that is asked about.")]
    public string? Service { get; init; }
}

public sealed record HttpGetAction
{
    [Description("Host; the pod's address when absent.")]
    public string? Host { get; init; }

    [Description("Headers of the request.")]
    public IReadOnlyList<HttpHeader>? HttpHeaders { get; init; }

    [Description("Path of the request.")]
    public string? Path { get; init; }

    [Description("Number or name of the port; the Flow's own is called http.")]
    [Required]
    public IntOrString? Port { get; init; }

    [Description("HTTP when absent.")]
    [AllowedValues("HTTP", "HTTPS")]
    public string? Scheme { get; init; }
}

public sealed record HttpHeader
{
    [Description("Name of the header.")]
    [Required]
    public string Name { get; init; } = "";

    [Description("Its value.")]
    [Required]
    public string Value { get; init; } = "";
}

public sealed record TcpSocketAction
{
    [Description("Host; the pod's address when absent.")]
    public string? Host { get; init; }

    [Description("Number or name of the port.")]
    [Required]
    public IntOrString? Port { get; init; }
}

/// <summary>What a container does when it starts and before it stops.</summary>
public sealed record Lifecycle
{
    [Description("Right after the start.")]
    public LifecycleHandler? PostStart { get; init; }

    [Description("Before the container is asked to stop.")]
    public LifecycleHandler? PreStop { get; init; }
}

/// <summary>One of a command, a request and a wait.</summary>
public sealed record LifecycleHandler
{
    [Description("A command.")]
    public ExecAction? Exec { get; init; }

    [Description("An HTTP request.")]
    public HttpGetAction? HttpGet { get; init; }

    [Description("A wait.")]
    public SleepAction? Sleep { get; init; }
}

public sealed record SleepAction
{
    [Description("How long, in seconds.")]
    [Required]
    [Range(0, int.MaxValue)]
    public int Seconds { get; init; }
}

/// <summary>Rights of all processes of a pod, as in core/v1.</summary>
public sealed record PodSecurityContext
{
    [Description("Group that owns the files of volumes.")]
    public long? FsGroup { get; init; }

    [Description("When files of volumes change their group.")]
    [AllowedValues("OnRootMismatch", "Always")]
    public string? FsGroupChangePolicy { get; init; }

    [Description("Group of the processes.")]
    public long? RunAsGroup { get; init; }

    [Description("Whether root is refused; true when absent.")]
    public bool? RunAsNonRoot { get; init; }

    [Description("User of the processes; the image's when absent.")]
    public long? RunAsUser { get; init; }

    [Description("System calls that are allowed; RuntimeDefault when absent.")]
    public SeccompProfile? SeccompProfile { get; init; }

    [Description("Further groups of the processes.")]
    public IReadOnlyList<long>? SupplementalGroups { get; init; }
}

public sealed record SeccompProfile
{
    [Description("File of the profile on the node, for the type Localhost.")]
    public string? LocalhostProfile { get; init; }

    [Description("Which profile.")]
    [Required]
    [AllowedValues("Localhost", "RuntimeDefault", "Unconfined")]
    public string Type { get; init; } = "";
}

/// <summary>Rights of the container, as in core/v1.</summary>
public sealed record SecurityContext
{
    [Description("Whether processes may gain rights; false when absent.")]
    public bool? AllowPrivilegeEscalation { get; init; }

    [Description("Linux capabilities; ALL are dropped when absent.")]
    public Capabilities? Capabilities { get; init; }

    [Description("Whether the container is root on the node.")]
    public bool? Privileged { get; init; }

    [Description("Whether only volumes can be written; true when absent. /tmp is one.")]
    public bool? ReadOnlyRootFilesystem { get; init; }

    [Description("Group of the processes.")]
    public long? RunAsGroup { get; init; }

    [Description("Whether root is refused.")]
    public bool? RunAsNonRoot { get; init; }

    [Description("User of the processes; the image's when absent.")]
    public long? RunAsUser { get; init; }

    [Description("System calls that are allowed.")]
    public SeccompProfile? SeccompProfile { get; init; }
}

public sealed record Capabilities
{
    [Description("Capabilities to have.")]
    public IReadOnlyList<string>? Add { get; init; }

    [Description("Capabilities not to have.")]
    public IReadOnlyList<string>? Drop { get; init; }
}
