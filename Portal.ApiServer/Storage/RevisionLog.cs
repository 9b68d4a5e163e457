using System.Globalization;

namespace Portal.ApiServer.Storage;

/// <summary>
/// The history of all objects and the one place that writes it. Guarantees: a write that is answered is on disk, one that failed left nothing;
/// revisions rise with every write; watches see them in that order; a reader's snapshot is consistent at one revision and never waits for
/// a writer. An object is changed by compare-and-swap on the revision it was read at.
/// </summary>
internal sealed class RevisionLog : IDisposable
{
    private const int WatchCapacity = 2_000;

    /// <summary>Whoever uses the database holds it, for as long as a sync takes. Never taken by one who holds <see cref="_memory"/>.</summary>
    private readonly Lock _database = new();

    /// <summary>Guards what is in memory, for moments only.</summary>
    private readonly Lock _memory = new();

    private readonly RevisionStore _store;
    private readonly TimeProvider _timeProvider;
    private readonly WriteQueue _writes;
    private readonly RecentRevisions _recent;
    private readonly OwnerIndex _owners = new();
    private readonly List<HistoryGap> _gaps;

    /// <summary>The first revision of this run comes after this one.</summary>
    private readonly long _floor;
    private bool _gapsStored;
    private long _compacted;
    private long _delivered;
    private volatile StorageState _state;

    private RevisionLog(RevisionStore store, TimeProvider timeProvider)
    {
        _store = store;
        _timeProvider = timeProvider;
        _compacted = store.CompactedRevision();
        _delivered = store.LastRevision();
        _recent = new RecentRevisions(_delivered);
        _gaps = HistoryGap.Parse(store.Meta("gaps"));
        if (store.IsDurable)
        {
            _gaps.Add(HistoryGap.Between(_delivered, timeProvider.GetUtcNow()));
            _floor = _gaps[^1].Until;
        }

        _state = StorageState.Load(_delivered, store.ReadCurrent().Select(stored =>
        {
            _owners.Replace(null, stored);
            return stored;
        }));
        _writes = new WriteQueue(Commit);
    }

    public WatchHub Hub { get; } = new();

    /// <summary>The newest revision readers see.</summary>
    public long Revision => _state.Revision;

    /// <summary>The newest revision whose event every watch has been given; never ahead of <see cref="Revision"/>. What a bookmark may promise.</summary>
    public long DeliveredRevision => Volatile.Read(ref _delivered);

    /// <summary>History at or before this revision is gone; a watch may start here.</summary>
    public long CompactedRevision => Volatile.Read(ref _compacted);

    /// <inheritdoc cref="RevisionStore.Open"/>
    public static RevisionLog Open(string? path, TimeProvider timeProvider, StorageProbe? probe = null) => new(RevisionStore.Open(path, probe), timeProvider);

    /// <summary>A value kept beside the objects, made by <paramref name="create"/> on first use.</summary>
    public string Meta(string key, Func<string> create)
    {
        lock (_database)
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

    public StoredObject? Find(ObjectKey key) => _state.Find(key);

    /// <summary>Stays the same object for as long as no object of the resource changes: what was made from a snapshot is current while it does.</summary>
    public object Marker(string resource) => _state.Objects(resource);

    /// <summary>All objects of a resource, in one namespace when given.</summary>
    public ResourceSnapshot Snapshot(string resource, string? @namespace = null)
    {
        var state = _state;
        return new ResourceSnapshot(state.Revision, Within(state.Objects(resource).Values, @namespace));
    }

    /// <summary>All objects of a resource as they were at a revision, in key order.</summary>
    /// <exception cref="HistoryExpiredException">That history is gone, or the revision was never in it.</exception>
    public ResourceSnapshot SnapshotAt(string resource, string? @namespace, long revision)
    {
        lock (_memory)
        {
            ThrowIfExpired(revision);
            if (revision >= _recent.After)
            {
                return new ResourceSnapshot(revision, Within(_recent.Rewind(_state.Objects(resource), resource, revision).Values, @namespace));
            }
        }

        lock (_database)
        {
            ThrowIfExpired(revision);
            var objects = _store.ReadAt(resource, revision).OrderBy(stored => stored.Key.Path, StringComparer.Ordinal);
            return new ResourceSnapshot(revision, Within(objects, @namespace));
        }
    }

    /// <summary>Every resource that has objects.</summary>
    public IEnumerable<string> Resources() => _state.Resources.Where(pair => pair.Value.Count > 0).Select(pair => pair.Key);

    /// <summary>The objects that name <paramref name="uid"/> as an owner.</summary>
    public IReadOnlyList<ObjectKey> Dependents(string uid)
    {
        lock (_memory)
        {
            return _owners.Dependents(uid);
        }
    }

    /// <summary>Stores a new object; null when the key is taken. Stamps <c>metadata.resourceVersion</c> into <paramref name="json"/>.</summary>
    /// <exception cref="StorageException">Nothing was stored, because the disk took nothing. The same goes for the other writes.</exception>
    public Task<StoredObject?> CreateAsync(ObjectKey key, JsonObject json) => WriteAsync(new PendingWrite(RevisionOperation.Added, key, null, json));

    /// <summary>Replaces <paramref name="previous"/>; null when it is no longer the current state.</summary>
    public Task<StoredObject?> UpdateAsync(StoredObject previous, JsonObject json) =>
        WriteAsync(new PendingWrite(RevisionOperation.Modified, previous.Key, previous, json));

    /// <summary>Removes <paramref name="previous"/>; null when it is no longer the current state. <paramref name="last"/> is the state watches see.</summary>
    public Task<StoredObject?> DeleteAsync(StoredObject previous, JsonObject last) =>
        WriteAsync(new PendingWrite(RevisionOperation.Deleted, previous.Key, previous, last));

    /// <summary>
    /// What happened to a resource (to all when null) after a revision, and a subscription to what happens next: nothing is missed or
    /// repeated between the two.
    /// </summary>
    /// <exception cref="HistoryExpiredException">That history is gone, or the revision was never in it.</exception>
    public (IReadOnlyList<Revision> Backlog, WatchHub.Subscription Next) WatchFrom(string? resource, long after)
    {
        WatchHub.Subscription next;
        long until;
        lock (_memory)
        {
            ThrowIfExpired(after);
            next = Hub.Subscribe(resource, WatchCapacity);
            if (after >= _recent.After)
            {
                return (_recent.Since(resource, after), next);
            }

            until = _state.Revision;
        }

        try
        {
            lock (_database)
            {
                ThrowIfExpired(after);
                return (_store.ReadBetween(resource, after, until), next);
            }
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }

    /// <summary>The present state of a resource and a subscription to what happens next.</summary>
    public (ResourceSnapshot Snapshot, WatchHub.Subscription Next) WatchFromNow(string resource, string? @namespace)
    {
        lock (_memory)
        {
            return (Snapshot(resource, @namespace), Hub.Subscribe(resource, WatchCapacity));
        }
    }

    /// <summary>Forgets all but the newest <paramref name="count"/> revisions.</summary>
    public void CompactKeeping(int count)
    {
        long? mark;
        lock (_database)
        {
            mark = _store.MarkKeeping(count);
        }

        if (mark is not null)
        {
            Compact(mark.Value);
        }
    }

    /// <summary>Forgets history at or before <paramref name="mark"/>, in small steps so that writers wait only shortly.</summary>
    public void Compact(long mark)
    {
        const int Step = 500;
        mark = Math.Min(mark, _state.Revision);
        while (true)
        {
            lock (_database)
            {
                if (_compacted >= mark)
                {
                    return;
                }

                var next = _store.Compact(_compacted, mark, Step);
                lock (_memory)
                {
                    Volatile.Write(ref _compacted, next);
                    _recent.Forget(next);
                }
            }
        }
    }

    /// <summary>Finishes the writes under way and closes the database.</summary>
    public void Dispose()
    {
        _writes.Dispose();
        lock (_database)
        {
            _store.Dispose();
        }
    }

    private static IEnumerable<StoredObject> Within(IEnumerable<StoredObject> objects, string? @namespace) =>
        @namespace is null ? objects : objects.Where(stored => stored.Key.Namespace == @namespace);

    /// <summary>Whether this history never gave out the number: whoever holds it saw one that was lost.</summary>
    public bool WasSkipped(long revision) => _gaps.Exists(gap => gap.Contains(revision));

    private void ThrowIfExpired(long revision)
    {
        var compacted = CompactedRevision;
        if (revision < compacted || revision > _state.Revision || WasSkipped(revision))
        {
            throw new HistoryExpiredException(revision, compacted);
        }
    }

    private Task<StoredObject?> WriteAsync(PendingWrite write)
    {
        _writes.Enqueue(write);
        return write.Answer;
    }

    /// <summary>Stores a batch in one transaction; when that fails, each write alone, so that one bad write does not take the others along.</summary>
    private void Commit(IReadOnlyList<PendingWrite> batch)
    {
        try
        {
            CommitTogether(batch);
        }
#pragma warning disable CA1031 // Whatever it was, it is the answer to the write, and the next write must find this thread alive.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            if (batch.Count == 1)
            {
                batch[0].Fail(problem);
                return;
            }

            foreach (var write in batch)
            {
                Commit([write]);
            }
        }
    }

    private void CommitTogether(IReadOnlyList<PendingWrite> batch)
    {
        var state = _state;
        var answers = new StoredObject?[batch.Count];
        var revisions = new List<Revision>(batch.Count);
        for (var index = 0; index < batch.Count; index++)
        {
            var write = batch[index];
            if (state.Find(write.Key)?.Revision == write.Previous?.Revision)
            {
                var revision = Stamp(write, Math.Max(state.Revision, _floor) + 1);
                state = state.With(revision);
                revisions.Add(revision);
                answers[index] = revision.Object;
            }
        }

        if (revisions.Count > 0)
        {
            lock (_database)
            {
                _store.Append(revisions, _timeProvider.GetUtcNow(), _gapsStored ? null : _gaps.Where(gap => gap.Until >= _compacted));
                _gapsStored = true;
                Publish(state, revisions);
            }
        }

        for (var index = 0; index < batch.Count; index++)
        {
            batch[index].Complete(answers[index]);
        }
    }

    private static Revision Stamp(PendingWrite write, long number)
    {
        var metadata = write.Json["metadata"]!.AsObject();
        metadata["resourceVersion"] = number.ToString(CultureInfo.InvariantCulture);
        var stored = new StoredObject(write.Key, number, (string?)metadata["uid"] ?? "", StoredObject.Serialize(write.Json));
        return new Revision(write.Operation, stored, write.Previous);
    }

    private void Publish(StorageState state, List<Revision> revisions)
    {
        lock (_memory)
        {
            // Readers see a revision before watches get its event: who hears of a change and reads back must find it.
            _state = state;
            foreach (var revision in revisions)
            {
                _owners.Replace(revision.Previous, revision.Operation == RevisionOperation.Deleted ? null : revision.Object);
                _recent.Add(revision);
                Hub.Publish(revision);
            }

            Volatile.Write(ref _delivered, state.Revision);
        }
    }
}
