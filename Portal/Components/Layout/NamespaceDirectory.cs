using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Components.Layout;

/// <summary>The namespaces of the cluster, for choosing one.</summary>
public sealed class NamespaceDirectory(InformerFactory informers)
{
    /// <summary>Names in order.</summary>
    public IReadOnlyList<string> Names() => [.. informers.Get(BuiltIn.Namespace).Store.List().Select(item => item.Name)];
}
