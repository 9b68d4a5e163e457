using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Operator.Api;
using Portal.Operator.Manifests;

namespace Portal.Operator.Flows;

/// <summary>How many pods may be away at a time when nodes are emptied.</summary>
[CelRule("!(has(self.minAvailable) && has(self.maxUnavailable))", "set minAvailable or maxUnavailable, not both")]
public sealed record DisruptionBudgetSpec
{
    [Description("Pods that may be away at a time, as a number or percentage; 1 when minAvailable is absent too.")]
    public IntOrString? MaxUnavailable { get; init; }

    [Description("Pods that must stay, as a number or percentage.")]
    public IntOrString? MinAvailable { get; init; }
}

/// <summary>A HorizontalPodAutoscaler. While there is one, replicas belong to it.</summary>
[CelRule("!has(self.minReplicas) || self.minReplicas <= self.maxReplicas", "minReplicas must not be greater than maxReplicas")]
public sealed record AutoscalingSpec
{
    [Description("Most pods there may be.")]
    [Required]
    [Range(1, int.MaxValue)]
    public int MaxReplicas { get; init; }

    [Description("Fewest pods there may be; 1 when absent.")]
    [Range(1, int.MaxValue)]
    public int? MinReplicas { get; init; }

    [Description("CPU use to aim at, in percent of what is requested; 80 when no target is given.")]
    [Range(1, int.MaxValue)]
    public int? TargetCPUUtilizationPercentage { get; init; }

    [Description("Memory use to aim at, in percent of what is requested.")]
    [Range(1, int.MaxValue)]
    public int? TargetMemoryUtilizationPercentage { get; init; }
}

/// <summary>An Ingress that leads to the Service.</summary>
public sealed record IngressSpec
{
    [Description("Annotations of the Ingress, which its controller reads.")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    [Description("Host name; all of them when absent.")]
    public string? Host { get; init; }

    [Description("Class of the Ingress; the cluster's default when absent.")]
    public string? IngressClassName { get; init; }

    [Description("Path that leads here; / when absent.")]
    [RegularExpression("^/.*$")]
    public string? Path { get; init; }

    [Description("How the path is compared; Prefix when absent.")]
    [AllowedValues("Exact", "Prefix", "ImplementationSpecific")]
    public string? PathType { get; init; }

    [Description("Secret with the certificate of the host.")]
    public string? TlsSecretName { get; init; }
}

/// <summary>An HTTPRoute of the Gateway API that leads to the Service.</summary>
public sealed record HttpRouteSpec
{
    [Description("Host names; those of the Gateway when absent.")]
    public IReadOnlyList<string>? Hostnames { get; init; }

    [Description("Gateways to attach to.")]
    [Required]
    [MinLength(1)]
    public IReadOnlyList<ParentReference> ParentRefs { get; init; } = [];

    [Description("Beginning of the paths that lead here; / when absent.")]
    [RegularExpression("^/.*$")]
    public string? Path { get; init; }
}

public sealed record ParentReference
{
    [Description("Name of the Gateway.")]
    [Required]
    [MinLength(1)]
    public string Name { get; init; } = "";

    [Description("Its namespace; the own one when absent.")]
    public string? Namespace { get; init; }

    [Description("Port of the Gateway; all of them when absent.")]
    [Range(1, 65535)]
    public int? Port { get; init; }

    [Description("Listener of the Gateway; all of them when absent.")]
    public string? SectionName { get; init; }
}
