using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Client;

/// <summary>Talks to one API server. Thread-safe; one per connection.</summary>
public sealed class KubeClient(KubeConnection connection)
{
    public KubeConnection Connection { get; } = connection;

    /// <summary>Verbs over a typed kind.</summary>
    public Resource<T> Resource<T>() where T : KubeObject, IKubeKind<T> => new(this, T.Definition, T.FromJson);

    /// <summary>Verbs over a kind known only by its definition.</summary>
    public Resource<KubeObject> Resource(ResourceDefinition definition) => new(this, definition, json => new KubeObject(json));
}
