using System.Collections.Immutable;
using System.Globalization;

namespace Portal.ApiServer.Storage;

/// <summary>
/// The history of all objects and the one place that writes it. Guarantees: a write that returns is on disk; revisions rise by one per
/// write; watches see revisions in that order; a reader's snapshot is consistent at one revision and never waits for a writer.
/// An object is changed by compare-and-swap on the revision it was read at.
/// </summary>
internal sealed class RevisionLog : IDisposable
{
    private const int RecentCapacity = 10_000;
    private const int WatchCapacity = 2_000;

    private readonly Lock _writer = new();
    private readonly RevisionStore _store;
    private readonly TimeProvider _timeProvider;
    private readonly Queue<Revision> _recent = new();
    private readonly Dictionary<string, HashSet<ObjectKey>> _dependents = new(StringComparer.Ordinal);
    private long _recentAfter;
    private long _compacted;
    private long _delivered;
    private volatile State _state;

    private RevisionLog(RevisionStore store, TimeProvider timeProvider)
    {
        _store = store;
        _timeProvider = timeProvider;
        _compacted = store.CompactedRevision();
        var builders = new Dictionary<string, ImmutableSortedDictionary<string, StoredObject>.Builder>(StringComparer.Ordinal);
        foreach (var stored in store.ReadCurrent())
        {
            if (!builders.TryGetValue(stored.Key.Resource, out var builder))
            {
                builders[stored.Key.Resource] = builder = ImmutableSortedDictionary.CreateBuilder<string, StoredObject>(StringComparer.Ordinal);
            }

            builder[stored.Key.Path] = stored;
            IndexOwners(null, stored);
        }

        _recentAfter = store.LastRevision();
        _delivered = _recentAfter;
        _state = new State(_recentAfter, builders.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.ToImmutable(), StringComparer.Ordinal));
    }

    public WatchHub Hub { get; } = new();

    /// <summary>The newest revision readers see.</summary>
    public long Revision => _state.Revision;

    /// <summary>The newest revision whose event every watch has been given; never ahead of <see cref="Revision"/>. What a bookmark may promise.</summary>
    public long DeliveredRevision => Volatile.Read(ref _delivered);

    /// <inheritdoc cref="RevisionStore.Open"/>
    public static RevisionLog Open(string? path, TimeProvider timeProvider) => new(RevisionStore.Open(path), timeProvider);

    /// <summary>A value kept beside the objects, made by <paramref name="create"/> on first use.</summary>
    public string Meta(string key, Func<string> create)
    {
        lock (_writer)
        {
            var value = _store.Meta(key);
            if (value is null)
            {
                value = create();
                _store.SetMeta(key, value);
            }

            return value;
        }
    }

    public StoredObject? Find(ObjectKey key) =>
        _state.Resources.TryGetValue(key.Resource, out var objects) && objects.TryGetValue(key.Path, out var stored) ? stored : null;

    /// <summary>Stays the same object for as long as no object of the resource changes: what was made from a snapshot is current while it does.</summary>
    public object Marker(string resource) => _state.Resources.GetValueOrDefault(resource, State.None);

    /// <summary>All objects of a resource, in one namespace when given.</summary>
    public ResourceSnapshot Snapshot(string resource, string? @namespace = null)
    {
        var state = _state;
        if (!state.Resources.TryGetValue(resource, out var objects))
        {
            return new ResourceSnapshot(state.Revision, []);
        }

        return new ResourceSnapshot(
            state.Revision, @namespace is null ? objects.Values : objects.Values.Where(stored => stored.Key.Namespace == @namespace));
    }

    /// <summary>All objects of a resource as they were at a revision, in key order.</summary>
    /// <exception cref="HistoryExpiredException">That history is gone.</exception>
    public ResourceSnapshot SnapshotAt(string resource, string? @namespace, long revision)
    {
        lock (_writer)
        {
            if (revision == _state.Revision)
            {
                return Snapshot(resource, @namespace);
            }

            ThrowIfExpired(revision);
            var objects = _store.ReadAt(resource, revision).Where(stored => @namespace is null || stored.Key.Namespace == @namespace);
            return new ResourceSnapshot(revision, objects.OrderBy(stored => stored.Key.Path, StringComparer.Ordinal));
        }
    }

    /// <summary>Every resource that has objects.</summary>
    public IEnumerable<string> Resources() => _state.Resources.Where(pair => pair.Value.Count > 0).Select(pair => pair.Key);

    /// <summary>The objects that name <paramref name="uid"/> as an owner.</summary>
    public IReadOnlyList<ObjectKey> Dependents(string uid)
    {
        lock (_writer)
        {
            return _dependents.TryGetValue(uid, out var keys) ? [.. keys] : [];
        }
    }

    /// <summary>Stores a new object; null when the key is taken. Stamps <c>metadata.resourceVersion</c> into <paramref name="json"/>.</summary>
    public StoredObject? Create(ObjectKey key, JsonObject json)
    {
        lock (_writer)
        {
            return Find(key) is null ? Commit(RevisionOperation.Added, null, key, json) : null;
        }
    }

    /// <summary>Replaces <paramref name="previous"/>; null when it is no longer the current state.</summary>
    public StoredObject? Update(StoredObject previous, JsonObject json)
    {
        lock (_writer)
        {
            return IsCurrent(previous) ? Commit(RevisionOperation.Modified, previous, previous.Key, json) : null;
        }
    }

    /// <summary>Removes <paramref name="previous"/>; null when it is no longer the current state. <paramref name="last"/> is the state watches see.</summary>
    public StoredObject? Delete(StoredObject previous, JsonObject last)
    {
        lock (_writer)
        {
            return IsCurrent(previous) ? Commit(RevisionOperation.Deleted, previous, previous.Key, last) : null;
        }
    }

    /// <summary>
    /// What happened to a resource (to all when null) after a revision, and a subscription to what happens next: nothing is missed or
    /// repeated between the two.
    /// </summary>
    /// <exception cref="HistoryExpiredException">That history is gone.</exception>
    public (IReadOnlyList<Revision> Backlog, WatchHub.Subscription Next) WatchFrom(string? resource, long after)
    {
        lock (_writer)
        {
            ThrowIfExpired(after);
            IReadOnlyList<Revision> backlog = after >= _recentAfter
                ? [.. _recent.Where(revision => revision.Number > after && (resource is null || revision.Object.Key.Resource == resource))]
                : _store.ReadAfter(resource, after);
            return (backlog, Hub.Subscribe(resource, WatchCapacity));
        }
    }

    /// <summary>The present state of a resource and a subscription to what happens next.</summary>
    public (ResourceSnapshot Snapshot, WatchHub.Subscription Next) WatchFromNow(string resource, string? @namespace)
    {
        lock (_writer)
        {
            return (Snapshot(resource, @namespace), Hub.Subscribe(resource, WatchCapacity));
        }
    }

    /// <summary>Forgets history at or before <paramref name="mark"/>, in small batches so that writers wait only shortly.</summary>
    public void Compact(long mark)
    {
        const int Batch = 500;
        var dropped = 0;
        do
        {
            lock (_writer)
            {
                mark = Math.Min(mark, _state.Revision);
                if (mark <= _compacted && dropped < Batch)
                {
                    return;
                }

                dropped = _store.Compact(mark, Batch);
                _compacted = mark;
                while (_recent.TryPeek(out var oldest) && oldest.Number <= _compacted)
                {
                    _recent.Dequeue();
                }

                _recentAfter = Math.Max(_recentAfter, Math.Min(_compacted, _state.Revision));
            }
        }
        while (dropped == Batch);
    }

    public void Dispose()
    {
        lock (_writer)
        {
            _store.Dispose();
        }
    }

    private bool IsCurrent(StoredObject stored) => Find(stored.Key)?.Revision == stored.Revision;

    private void ThrowIfExpired(long revision)
    {
        if (revision < _compacted)
        {
            throw new HistoryExpiredException(revision, _compacted);
        }
    }

    private StoredObject Commit(RevisionOperation operation, StoredObject? previous, ObjectKey key, JsonObject json)
    {
        var number = _state.Revision + 1;
        var metadata = json["metadata"]!.AsObject();
        metadata["resourceVersion"] = number.ToString(CultureInfo.InvariantCulture);
        var stored = new StoredObject(key, number, (string?)metadata["uid"] ?? "", StoredObject.Serialize(json));
        var revision = new Revision(operation, stored, previous);
        _store.Append(revision, _timeProvider.GetUtcNow());

        var removed = operation == RevisionOperation.Deleted;
        IndexOwners(previous, removed ? null : stored);
        _recent.Enqueue(revision);
        while (_recent.Count > RecentCapacity)
        {
            _recentAfter = _recent.Dequeue().Number;
        }

        // Readers see the revision before watches get the event: who hears of a change and reads back must find it.
        var objects = _state.Resources.GetValueOrDefault(key.Resource, State.None);
        objects = removed ? objects.Remove(key.Path) : objects.SetItem(key.Path, stored);
        _state = new State(number, _state.Resources.SetItem(key.Resource, objects));
        Hub.Publish(revision);
        Volatile.Write(ref _delivered, number);
        return stored;
    }

    private void IndexOwners(StoredObject? previous, StoredObject? next)
    {
        foreach (var uid in OwnerUids(previous))
        {
            if (_dependents.TryGetValue(uid, out var keys) && keys.Remove(previous!.Key) && keys.Count == 0)
            {
                _dependents.Remove(uid);
            }
        }

        foreach (var uid in OwnerUids(next))
        {
            if (!_dependents.TryGetValue(uid, out var keys))
            {
                _dependents[uid] = keys = [];
            }

            keys.Add(next!.Key);
        }
    }

    private static IEnumerable<string> OwnerUids(StoredObject? stored) =>
        stored?.Json["metadata"]?["ownerReferences"] is JsonArray owners ? owners.Select(owner => (string?)owner?["uid"] ?? "") : [];

    private sealed record State(long Revision, ImmutableDictionary<string, ImmutableSortedDictionary<string, StoredObject>> Resources)
    {
        public static readonly ImmutableSortedDictionary<string, StoredObject> None =
            ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);
    }
}
