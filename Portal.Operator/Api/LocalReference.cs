using System.ComponentModel;
using Portal.Operator.Manifests;

namespace Portal.Operator.Api;

/// <summary>Names an object in the referrer's own namespace. An empty name refers to nothing.</summary>
[AtomicMap]
public sealed record LocalReference
{
    [Description("Name of an object in the same namespace.")]
    [DefaultValue("")]
    public string Name { get; init; } = "";
}
