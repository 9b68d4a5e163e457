using Portal.Features.Ownership;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Features.Health.Resources;

/// <summary>Objects of all the portal's kinds by the name of their kind. Secrets are not among them.</summary>
public sealed class ResourceDirectory(InformerFactory informers)
{
    private readonly IReadOnlyList<WatchedKind> _kinds = WatchedKinds.Of(informers);

    /// <summary>In the order others depend on them.</summary>
    public IReadOnlyList<ResourceDefinition> Kinds => [.. _kinds.Select(kind => kind.Definition)];

    public ResourceDefinition? FindKind(string name) => Kind(name)?.Definition;

    public KubeObject? Find(string kind, string @namespace, string name) => Kind(kind)?.Find(@namespace, name);

    /// <summary>Of one kind, or of all when null; by kind, then name.</summary>
    public IReadOnlyList<KubeObject> List(string? kind, string @namespace) =>
        [.. _kinds.Where(item => kind is null || item.Definition.Kind == kind).SelectMany(item => item.List()).Where(item => item.Namespace == @namespace)];

    /// <summary>Whether the objects of a kind are known; of all when null.</summary>
    public bool IsSynced(string? kind) => _kinds.Where(item => kind is null || item.Definition.Kind == kind).All(item => item.WaitForSync(CancellationToken.None).IsCompletedSuccessfully);

    /// <summary>Tells of each change of an object that <paramref name="concerns"/>; first of all there are.</summary>
    public IDisposable Subscribe(Func<KubeObject, bool> concerns, Action changed) => new Subscriptions([.. _kinds.Select(kind => kind.Subscribe((before, after) =>
    {
        if ((after ?? before) is { } item && concerns(item))
        {
            changed();
        }
    }))]);

    /// <summary>Objects that name this one themselves.</summary>
    public IReadOnlyList<KubeObject> UsersOf(KubeObject item) =>
        [.. List(null, item.Namespace ?? "").Where(other => DirectReferences.Of(other).Any(reference => reference == (item.Kind, item.Name)))];

    private WatchedKind? Kind(string name) => _kinds.FirstOrDefault(kind => kind.Definition.Kind.Equals(name, StringComparison.OrdinalIgnoreCase));

    private sealed class Subscriptions(IReadOnlyList<IDisposable> all) : IDisposable
    {
        public void Dispose()
        {
            foreach (var one in all)
            {
                one.Dispose();
            }
        }
    }
}
