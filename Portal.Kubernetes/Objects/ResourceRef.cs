namespace Portal.Kubernetes.Objects;

/// <summary>The key of one object in queues, stores and logs.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Kind">Kind in singular CamelCase.</param>
/// <param name="Namespace">Namespace, or null for a cluster-scoped object.</param>
/// <param name="Name">Object name.</param>
public readonly record struct ResourceRef(string Group, string Kind, string? Namespace, string Name)
{
    public override string ToString() => Namespace is null ? $"{Kind}/{Name}" : $"{Kind} {Namespace}/{Name}";
}
