using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Operator.Manifests;

namespace Portal.Operator.Api;

/// <summary>Lets a pod onto nodes with a matching taint, as in core/v1.</summary>
public sealed record Toleration
{
    [Description("Effect of the taint; all of them when absent.")]
    [AllowedValues("NoSchedule", "PreferNoSchedule", "NoExecute")]
    public string? Effect { get; init; }

    [Description("Key of the taint; all of them when absent, and then operator must be Exists.")]
    public string? Key { get; init; }

    [Description("How key and value are compared; Equal when absent.")]
    [AllowedValues("Equal", "Exists")]
    public string? Operator { get; init; }

    [Description("How long the pod stays on a node that gets the taint NoExecute; for ever when absent.")]
    public long? TolerationSeconds { get; init; }

    [Description("Value of the taint.")]
    public string? Value { get; init; }
}

/// <summary>How pods spread over nodes or zones, as in core/v1.</summary>
public sealed record TopologySpreadConstraint
{
    [Description("Pods to count; those of this object when absent.")]
    public LabelSelector? LabelSelector { get; init; }

    [Description("Labels of the pod that are compared too, such as pod-template-hash.")]
    public IReadOnlyList<string>? MatchLabelKeys { get; init; }

    [Description("How much fuller one domain may be than the emptiest.")]
    [Required]
    [Range(1, int.MaxValue)]
    public int MaxSkew { get; init; }

    [Description("Number of domains there should be.")]
    [Range(1, int.MaxValue)]
    public int? MinDomains { get; init; }

    [Description("Whether nodes the pod cannot run on by its affinity count; Honor when absent.")]
    [AllowedValues("Honor", "Ignore")]
    public string? NodeAffinityPolicy { get; init; }

    [Description("Whether nodes with taints count; Ignore when absent.")]
    [AllowedValues("Honor", "Ignore")]
    public string? NodeTaintsPolicy { get; init; }

    [Description("Label of nodes that makes the domains, such as topology.kubernetes.io/zone.")]
    [Required]
    [MinLength(1)]
    public string TopologyKey { get; init; } = "";

    [Description("What happens to a pod that does not fit.")]
    [Required]
    [AllowedValues("DoNotSchedule", "ScheduleAnyway")]
    public string WhenUnsatisfiable { get; init; } = "";
}

[AtomicMap]
public sealed record LabelSelector
{
    [Description("Requirements that must all hold.")]
    public IReadOnlyList<SelectorRequirement>? MatchExpressions { get; init; }

    [Description("Labels with the values they must have.")]
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }
}

/// <summary>A label, or field, compared with values.</summary>
public sealed record SelectorRequirement
{
    [Description("The label.")]
    [Required]
    public string Key { get; init; } = "";

    [Description("How it is compared: In, NotIn, Exists, DoesNotExist; for nodes also Gt and Lt.")]
    [Required]
    public string Operator { get; init; } = "";

    [Description("The values it is compared with.")]
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>Where a pod should or must run, as in core/v1.</summary>
public sealed record Affinity
{
    [Description("By labels of nodes.")]
    public NodeAffinity? NodeAffinity { get; init; }

    [Description("Near other pods.")]
    public PodAffinity? PodAffinity { get; init; }

    [Description("Away from other pods.")]
    public PodAffinity? PodAntiAffinity { get; init; }
}

public sealed record NodeAffinity
{
    [Description("Preferences; the node with the greatest sum of weights wins.")]
    public IReadOnlyList<PreferredNode>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }

    [Description("What must hold.")]
    public NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }
}

public sealed record PreferredNode
{
    [Description("What is preferred.")]
    [Required]
    public NodeSelectorTerm Preference { get; init; } = new();

    [Description("Its weight.")]
    [Required]
    [Range(1, 100)]
    public int Weight { get; init; }
}

[AtomicMap]
public sealed record NodeSelector
{
    [Description("Terms of which one must hold.")]
    [Required]
    public IReadOnlyList<NodeSelectorTerm> NodeSelectorTerms { get; init; } = [];
}

[AtomicMap]
public sealed record NodeSelectorTerm
{
    [Description("Requirements on labels of the node.")]
    public IReadOnlyList<SelectorRequirement>? MatchExpressions { get; init; }

    [Description("Requirements on fields of the node, such as metadata.name.")]
    public IReadOnlyList<SelectorRequirement>? MatchFields { get; init; }
}

public sealed record PodAffinity
{
    [Description("Preferences; the node with the greatest sum of weights wins.")]
    public IReadOnlyList<PreferredPods>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }

    [Description("What must hold, all of them.")]
    public IReadOnlyList<PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }
}

public sealed record PreferredPods
{
    [Description("What is preferred.")]
    [Required]
    public PodAffinityTerm PodAffinityTerm { get; init; } = new();

    [Description("Its weight.")]
    [Required]
    [Range(1, 100)]
    public int Weight { get; init; }
}

public sealed record PodAffinityTerm
{
    [Description("The other pods; those of this object when absent.")]
    public LabelSelector? LabelSelector { get; init; }

    [Description("Namespaces of the other pods by label.")]
    public LabelSelector? NamespaceSelector { get; init; }

    [Description("Namespaces of the other pods by name; the own one when absent.")]
    public IReadOnlyList<string>? Namespaces { get; init; }

    [Description("Label of nodes that says what near means, such as kubernetes.io/hostname.")]
    [Required]
    [MinLength(1)]
    public string TopologyKey { get; init; } = "";
}
