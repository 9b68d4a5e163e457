using System.ComponentModel;
using Portal.Kubernetes.Objects;
using Portal.Operator.Manifests;

namespace Portal.Operator.Api;

/// <summary>What every kind reports.</summary>
public abstract record GenkitStatus
{
    [Description("What is known about the object now, one entry a type. Ready is the verdict.")]
    [ListMapKey("type")]
    public IReadOnlyList<Condition>? Conditions { get; init; }

    [Description("The metadata.generation this status was computed from.")]
    public long? ObservedGeneration { get; init; }
}
