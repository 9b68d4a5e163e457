namespace Portal.ApiServer.Storage;

/// <summary>Which objects name a uid as their owner. Not thread-safe.</summary>
internal sealed class OwnerIndex
{
    private readonly Dictionary<string, HashSet<ObjectKey>> _dependents = new(StringComparer.Ordinal);

    public IReadOnlyList<ObjectKey> Dependents(string uid) => _dependents.TryGetValue(uid, out var keys) ? [.. keys] : [];

    public void Replace(StoredObject? previous, StoredObject? next)
    {
        foreach (var uid in previous?.OwnerUids ?? [])
        {
            if (_dependents.TryGetValue(uid, out var keys) && keys.Remove(previous!.Key) && keys.Count == 0)
            {
                _dependents.Remove(uid);
            }
        }

        foreach (var uid in next?.OwnerUids ?? [])
        {
            if (!_dependents.TryGetValue(uid, out var keys))
            {
                _dependents[uid] = keys = [];
            }

            keys.Add(next!.Key);
        }
    }
}
