using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>A readable snapshot of the objects of one kind, kept current by a reflector. Thread-safe; objects in it are shared and read-only.</summary>
public sealed class ObjectStore<T> where T : KubeObject
{
    public T? Find(string? @namespace, string name) => throw new NotImplementedException();

    /// <summary>All objects, or those of one namespace, ordered by namespace and name.</summary>
    public IReadOnlyList<T> List(string? @namespace = null) => throw new NotImplementedException();

    /// <summary>Adds an index; call before the informer starts.</summary>
    public void AddIndex(string name, Func<T, IEnumerable<string>> keys) => throw new NotImplementedException();

    /// <summary>Objects whose index <paramref name="name"/> holds <paramref name="key"/>.</summary>
    public IReadOnlyList<T> ByIndex(string name, string key) => throw new NotImplementedException();
}
