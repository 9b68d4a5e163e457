using System.Collections.Immutable;

namespace Portal.ApiServer.Storage;

/// <summary>All live objects at one revision. Immutable.</summary>
internal sealed record StorageState(long Revision, ImmutableDictionary<string, ImmutableSortedDictionary<string, StoredObject>> Resources)
{
    private static readonly ImmutableSortedDictionary<string, StoredObject> s_none = ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    public static StorageState Load(long revision, IEnumerable<StoredObject> current)
    {
        var builders = new Dictionary<string, ImmutableSortedDictionary<string, StoredObject>.Builder>(StringComparer.Ordinal);
        foreach (var stored in current)
        {
            if (!builders.TryGetValue(stored.Key.Resource, out var builder))
            {
                builders[stored.Key.Resource] = builder = s_none.ToBuilder();
            }

            builder[stored.Key.Path] = stored;
        }

        return new StorageState(revision, builders.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.ToImmutable(), StringComparer.Ordinal));
    }

    public StoredObject? Find(ObjectKey key) =>
        Resources.TryGetValue(key.Resource, out var objects) && objects.TryGetValue(key.Path, out var stored) ? stored : null;

    /// <summary>All objects of a resource in key order.</summary>
    public ImmutableSortedDictionary<string, StoredObject> Objects(string resource) => Resources.GetValueOrDefault(resource, s_none);

    /// <summary>The state after one more revision.</summary>
    public StorageState With(Revision revision)
    {
        var key = revision.Object.Key;
        var objects = Objects(key.Resource);
        objects = revision.Operation == RevisionOperation.Deleted ? objects.Remove(key.Path) : objects.SetItem(key.Path, revision.Object);
        return new StorageState(revision.Number, Resources.SetItem(key.Resource, objects));
    }
}
