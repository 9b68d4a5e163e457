using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Components.Layout;

/// <summary>The namespaces of the cluster, for choosing one.</summary>
public sealed class NamespaceDirectory(InformerFactory? informers = null)
{
    /// <summary>Names in order; just the initial one while the cluster is not connected.</summary>
    public IReadOnlyList<string> Names() =>
        informers is null ? [CurrentNamespace.Initial] : [.. informers.Get(BuiltIn.Namespace).Store.List().Select(item => item.Name)];
}
