using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;

namespace Portal.Operator.Reconciliation;

/// <summary>
/// Which objects refer to which, by an index of every store: what must look again when something changes. References are <c>Kind/name</c> in the
/// referrer's namespace. Those that other objects stand between (Secret ← PluginConfig ← Model ← Flow) are followed.
/// </summary>
internal static class References
{
    private const string Index = "references";

    /// <summary>Indexes an informer's objects by what they name themselves; one that cannot be read refers to nothing.</summary>
    /// <param name="informer">The referrers.</param>
    /// <param name="of">May throw <see cref="JsonException"/>.</param>
    public static Informer<T> Indexed<T>(this Informer<T> informer, Func<T, IEnumerable<string>> of) where T : KubeObject
    {
        informer.Store.AddIndex(Index, item => of(item).Select(reference => Key(item.Namespace, reference)));
        return informer;
    }

    public static string To(ResourceDefinition kind, string? name) => To(kind.Kind, name);

    /// <summary>Objects of a kind that refer to <paramref name="changed"/>, itself or through others.</summary>
    public static IEnumerable<ResourceRef> Referring<T>(this GenkitInformers informers, Informer<T> referrers, KubeObject changed) where T : KubeObject, IKubeKind<T>
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        Follow(informers, Key(changed.Namespace, To(changed.Kind, changed.Name)), keys);
        return keys.SelectMany(key => referrers.Store.ByIndex(Index, key))
            .Select(item => new ResourceRef(GenkitApi.Group, T.Definition.Kind, item.Namespace, item.Name));
    }

    private static void Follow(GenkitInformers informers, string key, HashSet<string> keys)
    {
        if (!keys.Add(key))
        {
            return;
        }

        foreach (var between in informers.Between.SelectMany(find => find(Index, key)))
        {
            Follow(informers, Key(between.Namespace, To(between.Kind, between.Name)), keys);
        }
    }

    private static string To(string kind, string? name) => $"{kind}/{name}";

    private static string Key(string? @namespace, string reference) => $"{@namespace}/{reference}";
}
