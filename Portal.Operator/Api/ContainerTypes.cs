using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Operator.Manifests;

namespace Portal.Operator.Api;

/// <summary>A container's environment variable, as in core/v1.</summary>
public sealed record EnvVar
{
    [Description("Name of the variable.")]
    [Required]
    public string Name { get; init; } = "";

    [Description("The value; $(NAME) refers to a variable defined earlier, $$ is a literal dollar sign.")]
    public string? Value { get; init; }

    [Description("Where the value comes from, when it is not written here.")]
    public EnvVarSource? ValueFrom { get; init; }
}

/// <summary>Where a variable's value comes from: exactly one member is set.</summary>
public sealed record EnvVarSource
{
    [Description("A key of a ConfigMap in the same namespace.")]
    public KeySelector? ConfigMapKeyRef { get; init; }

    [Description("A field of the pod, such as metadata.name or status.podIP.")]
    public FieldSelector? FieldRef { get; init; }

    [Description("A key of an environment file in a volume of the pod.")]
    public FileKeySelector? FileKeyRef { get; init; }

    [Description("A resource limit or request of the container, such as limits.memory.")]
    public ResourceFieldSelector? ResourceFieldRef { get; init; }

    [Description("A key of a Secret in the same namespace.")]
    public KeySelector? SecretKeyRef { get; init; }
}

/// <summary>One key of a ConfigMap or Secret.</summary>
[AtomicMap]
public sealed record KeySelector
{
    [Description("The key to read.")]
    [Required]
    public string Key { get; init; } = "";

    [Description("Name of the object that has the key.")]
    [DefaultValue("")]
    public string Name { get; init; } = "";

    [Description("Whether the pod may start when the object or its key is missing.")]
    public bool? Optional { get; init; }
}

[AtomicMap]
public sealed record FieldSelector
{
    [Description("API version the path is written for; v1 when absent.")]
    public string? ApiVersion { get; init; }

    [Description("Path of the field in the pod.")]
    [Required]
    public string FieldPath { get; init; } = "";
}

[AtomicMap]
public sealed record FileKeySelector
{
    [Description("The key to read from the file.")]
    [Required]
    public string Key { get; init; } = "";

    [Description("Whether the pod may start when the file or its key is missing.")]
    [DefaultValue(false)]
    public bool? Optional { get; init; }

    [Description("Path of the file inside the volume; relative, without '..'.")]
    [Required]
    public string Path { get; init; } = "";

    [Description("Name of the volume that holds the file.")]
    [Required]
    public string VolumeName { get; init; } = "";
}

[AtomicMap]
public sealed record ResourceFieldSelector
{
    [Description("Name of the container; needed for volumes, optional for variables.")]
    public string? ContainerName { get; init; }

    [Description("Unit the value is expressed in; 1 when absent.")]
    public Quantity? Divisor { get; init; }

    [Description("The resource to read.")]
    [Required]
    public string Resource { get; init; } = "";
}

/// <summary>A container's compute resources, as in core/v1.</summary>
public sealed record ResourceRequirements
{
    [Description("Resource claims of the pod that the container uses.")]
    [ListMapKey("name")]
    public IReadOnlyList<ResourceClaim>? Claims { get; init; }

    [Description("The most the container may use of each resource.")]
    public IReadOnlyDictionary<string, Quantity>? Limits { get; init; }

    [Description("The least the container needs of each resource; the limits when absent.")]
    public IReadOnlyDictionary<string, Quantity>? Requests { get; init; }
}

public sealed record ResourceClaim
{
    [Description("Name of an entry of the pod's resourceClaims.")]
    [Required]
    public string Name { get; init; } = "";

    [Description("One request of the claim; all of them when absent.")]
    public string? Request { get; init; }
}
