using Portal.Auth;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Components.Layout;

/// <summary>The namespaces of the cluster that the reader may see, for choosing one.</summary>
public sealed class NamespaceDirectory(InformerFactory informers, CurrentUser user)
{
    /// <summary>Names in order.</summary>
    public IReadOnlyList<string> Names() => [.. informers.Get(BuiltIn.Namespace).Store.List().Select(item => item.Name).Where(MaySee)];

    public bool MaySee(string name) => user.May(Permission.ReadNamespace, name);
}
