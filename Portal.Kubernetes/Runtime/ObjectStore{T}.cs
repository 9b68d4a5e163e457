using System.Runtime.InteropServices;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>A readable snapshot of the objects of one kind, kept current by a reflector. Thread-safe; objects in it are shared and read-only.</summary>
public sealed class ObjectStore<T> where T : KubeObject
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Func<T, IEnumerable<string>>> _indexers = new(StringComparer.Ordinal);
    private Dictionary<(string Namespace, string Name), T> _objects = [];
    private Dictionary<(string Index, string Key), List<T>> _indexed = [];
    private T[]? _ordered;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _objects.Count;
            }
        }
    }

    public T? Find(string? @namespace, string name)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault((@namespace ?? "", name));
        }
    }

    /// <summary>All objects, or those of one namespace, ordered by namespace and name.</summary>
    public IReadOnlyList<T> List(string? @namespace = null)
    {
        T[] ordered;
        lock (_lock)
        {
            ordered = _ordered ??= Order(_objects.Values);
        }

        return @namespace is null ? ordered : [.. ordered.Where(item => item.Namespace == @namespace)];
    }

    /// <summary>Adds an index; does nothing when there is one of that name. Best before the informer starts.</summary>
    /// <param name="keys">The keys of an object. When it throws, the object has no keys: one malformed object must not stop the mirror.</param>
    public void AddIndex(string name, Func<T, IEnumerable<string>> keys)
    {
        lock (_lock)
        {
            if (!_indexers.TryAdd(name, keys))
            {
                return;
            }

            foreach (var item in _objects.Values)
            {
                Index(_indexed, name, keys, item);
            }
        }
    }

    /// <summary>Objects whose index <paramref name="name"/> holds <paramref name="key"/>, ordered by namespace and name.</summary>
    public IReadOnlyList<T> ByIndex(string name, string key)
    {
        lock (_lock)
        {
            return !_indexers.ContainsKey(name)
                ? throw new ArgumentException($"There is no index '{name}'.", nameof(name))
                : _indexed.TryGetValue((name, key), out var items) ? Order(items) : [];
        }
    }

    /// <summary>Puts an object in; returns the one it took the place of.</summary>
    internal T? Set(T item)
    {
        lock (_lock)
        {
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_objects, KeyOf(item), out _);
            var before = slot;
            slot = item;
            Unindex(before);
            IndexAll(_indexed, item);
            _ordered = null;
            return before;
        }
    }

    internal T? Remove(T item)
    {
        lock (_lock)
        {
            if (!_objects.Remove(KeyOf(item), out var before))
            {
                return null;
            }

            Unindex(before);
            _ordered = null;
            return before;
        }
    }

    /// <summary>Swaps everything, or all of one namespace, at once: no reader sees a half-filled store.</summary>
    /// <returns>What was there before, and what is now.</returns>
    internal (IReadOnlyCollection<T> Before, IReadOnlyDictionary<(string Namespace, string Name), T> After) Replace(IReadOnlyList<T> items, string? @namespace)
    {
        var after = new Dictionary<(string, string), T>(items.Count);
        foreach (var item in items)
        {
            after[KeyOf(item)] = item;
        }

        lock (_lock)
        {
            var stays = @namespace is null ? [] : _objects.Where(entry => entry.Key.Namespace != @namespace);

            // Set and Remove change the dictionary in place, so what is handed out is a copy.
            var objects = new Dictionary<(string Namespace, string Name), T>(stays.Concat(after));
            Dictionary<(string, string), List<T>> indexed = [];
            foreach (var item in objects.Values)
            {
                IndexAll(indexed, item);
            }

            T[] before = [.. @namespace is null ? _objects.Values : _objects.Values.Where(item => item.Namespace == @namespace)];
            (_objects, _indexed, _ordered) = (objects, indexed, null);
            return (before, after);
        }
    }

    internal static (string Namespace, string Name) KeyOf(T item) => (item.Namespace ?? "", item.Name);

    private static T[] Order(IEnumerable<T> items) =>
        [.. items.OrderBy(item => item.Namespace ?? "", StringComparer.Ordinal).ThenBy(item => item.Name, StringComparer.Ordinal)];

    private void IndexAll(Dictionary<(string, string), List<T>> indexed, T item)
    {
        foreach (var (name, keys) in _indexers)
        {
            Index(indexed, name, keys, item);
        }
    }

    private static void Index(Dictionary<(string, string), List<T>> indexed, string name, Func<T, IEnumerable<string>> keys, T item)
    {
        foreach (var key in KeysOf(keys, item))
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(indexed, (name, key), out _) ??= []).Add(item);
        }
    }

    private void Unindex(T? item)
    {
        if (item is null)
        {
            return;
        }

        foreach (var (name, keys) in _indexers)
        {
            foreach (var key in KeysOf(keys, item))
            {
                if (_indexed.TryGetValue((name, key), out var items) && items.Remove(item) && items.Count == 0)
                {
                    _indexed.Remove((name, key));
                }
            }
        }
    }

    private static IReadOnlyCollection<string> KeysOf(Func<T, IEnumerable<string>> keys, T item)
    {
        try
        {
            return keys(item).ToHashSet(StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            return [];
        }
    }
}
