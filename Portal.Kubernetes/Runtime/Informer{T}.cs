using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

public enum ChangeKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One change in a store. <see cref="Before"/> is null on add, <see cref="After"/> on delete.</summary>
public readonly record struct StoreChange<T>(ChangeKind Kind, T? Before, T? After) where T : KubeObject
{
    /// <summary>The newest known state.</summary>
    public T Object => After ?? Before!;
}

/// <summary>List-then-watch of one kind with a store and fan-out to subscribers. Runs until cancelled, through every server outage.</summary>
public sealed partial class Informer<T> where T : KubeObject
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Mirror[] _mirrors;
    private readonly ILogger _logger;
    private ImmutableArray<Action<StoreChange<T>>> _handlers = [];

    public Informer(Resource<T> resource, string? @namespace, TimeProvider timeProvider, ILogger logger)
        : this(resource, @namespace is null ? null : [@namespace], timeProvider, logger, Random.Shared.NextDouble)
    {
    }

    /// <param name="namespaces">The namespaces to see; null or none for all.</param>
    internal Informer(Resource<T> resource, IReadOnlyList<string>? namespaces, TimeProvider timeProvider, ILogger logger, Func<double> random)
    {
        Resource = resource;
        _logger = logger;
        _mirrors = [.. (namespaces is null or [] ? [null] : namespaces.Select(name => (string?)name)).Select(name =>
        {
            var mirror = new Mirror(name);
            mirror.Reflector = new Reflector<T>(
                resource, name, (items, version) => Replace(mirror, items, version), change => Apply(mirror, change), timeProvider, logger, random);
            return mirror;
        })];
    }

    public Resource<T> Resource { get; }

    /// <summary>Whether objects in the store are kept as text (<see cref="KubeObject.Pack"/>).</summary>
    internal bool Packs { get; init; }

    internal bool KeepsManagedFields { get; init; }

    public ObjectStore<T> Store { get; } = new();

    /// <summary>Whether the store has been filled once.</summary>
    public bool IsSynced => _synced.Task.IsCompleted;

    /// <summary>When the server last answered or sent something; null before the first time. While all is well at most a few minutes ago.</summary>
    public DateTimeOffset? LastContact => _mirrors.Min(mirror => mirror.Reflector.LastContact ?? DateTimeOffset.MinValue) is { Ticks: > 0 } time ? time : null;

    /// <summary>Why the store may be out of date; null while all is well.</summary>
    public string? LastError => _mirrors.Select(mirror => mirror.Reflector.LastError).FirstOrDefault(error => error is not null);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>Whether the store holds all there was in a namespace when the server gave out a version. Versions are counted through all kinds
    /// of a server; one that is no number proves nothing.</summary>
    public bool HasSeen(string? @namespace, string resourceVersion)
    {
        lock (_gate)
        {
            return MirrorOf(@namespace)?.Seen is { } seen && NumberOf(resourceVersion) is { } version && version <= seen;
        }
    }

    /// <summary>Puts the answer to a write into the store before the watch brings it, so that whoever looks next sees what it wrote. Does nothing
    /// when the watch may have brought something newer.</summary>
    public void Observe(T written)
    {
        lock (_gate)
        {
            if (MirrorOf(written.Namespace)?.Seen is { } seen && NumberOf(written.ResourceVersion) is { } version && version > seen && !IsOutdated(written))
            {
                Pack(written);
                Tell(Store.Set(written), written);
            }
        }
    }

    /// <summary>Calls <paramref name="handler"/> for every later change, in order; for a synced store it is first called with Added for each object.
    /// Handlers must be quick and must not throw.</summary>
    public IDisposable Subscribe(Action<StoreChange<T>> handler)
    {
        lock (_gate)
        {
            foreach (var item in Store.List())
            {
                Call(handler, new StoreChange<T>(ChangeKind.Added, null, item));
            }

            _handlers = _handlers.Add(handler);
        }

        return new Subscription(this, handler);
    }

    /// <summary>Mirrors until cancelled, then returns. Never throws.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_mirrors.Select(mirror => mirror.Reflector.RunAsync(cancellationToken)));

    private void Replace(Mirror mirror, IReadOnlyList<T> items, string version)
    {
        lock (_gate)
        {
            (mirror.Seen, mirror.IsFilled) = (NumberOf(version), true);
            foreach (var item in items)
            {
                Pack(item);
            }

            var (before, after) = Store.Replace(items, mirror.Namespace);
            foreach (var gone in before.Where(item => !after.ContainsKey(ObjectStore<T>.KeyOf(item))))
            {
                Tell(gone, null);
            }

            var known = before.ToDictionary(ObjectStore<T>.KeyOf);
            foreach (var (key, item) in after)
            {
                Tell(known.GetValueOrDefault(key), item);
            }

            if (_mirrors.All(one => one.IsFilled))
            {
                _synced.TrySetResult();
            }
        }
    }

    private void Apply(Mirror mirror, WatchEvent<T> change)
    {
        lock (_gate)
        {
            mirror.Seen = NumberOf(change.Object.ResourceVersion) ?? mirror.Seen;
            if (change.Type == WatchEventType.Bookmark || IsOutdated(change.Object) || (change.Type != WatchEventType.Deleted && IsKnown(change.Object)))
            {
                return;
            }

            if (change.Type != WatchEventType.Deleted)
            {
                Pack(change.Object);
                Tell(Store.Set(change.Object), change.Object);
            }
            else if (Store.Remove(change.Object) is not null)
            {
                // The event's object is the last state, newer than the one in the store.
                Tell(change.Object, null);
            }
        }
    }

    /// <summary>Whether the store was given something newer under this name by <see cref="Observe"/>.</summary>
    private bool IsOutdated(T item) =>
        Store.Find(item.Namespace, item.Name) is { } found && NumberOf(found.ResourceVersion) is { } newer && NumberOf(item.ResourceVersion) is { } version && version < newer;

    private bool IsKnown(T item) => Store.Find(item.Namespace, item.Name) is { } found && found.ResourceVersion == item.ResourceVersion && found.Uid == item.Uid;

    private Mirror? MirrorOf(string? @namespace) => Array.Find(_mirrors, mirror => mirror.Namespace is null || mirror.Namespace == @namespace);

    private static ulong? NumberOf(string version) => ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Pack(T item)
    {
        if (Packs)
        {
            item.Pack(KeepsManagedFields);
        }
    }

    private void Tell(T? before, T? after)
    {
        if (before is not null && after is not null && before.Uid != after.Uid)
        {
            // Deleted and made again under the same name while nobody looked.
            Tell(before, null);
            before = null;
        }

        if (before is not null && after is not null && before.ResourceVersion == after.ResourceVersion)
        {
            return;
        }

        var kind = before is null ? ChangeKind.Added : after is null ? ChangeKind.Deleted : ChangeKind.Modified;
        foreach (var handler in _handlers)
        {
            Call(handler, new StoreChange<T>(kind, before, after));
        }
    }

    private void Call(Action<StoreChange<T>> handler, StoreChange<T> change)
    {
        try
        {
            handler(change);
        }
        catch (Exception exception)
        {
            // One bad subscriber must not cost the others their changes.
            Log.HandlerFailed(_logger, Resource.Definition.Plural, exception);
        }
    }

    /// <summary>What keeps one namespace, or all of them, current.</summary>
    private sealed class Mirror(string? @namespace)
    {
        public string? Namespace { get; } = @namespace;

        public Reflector<T> Reflector { get; set; } = null!;

        public bool IsFilled { get; set; }

        /// <summary>The newest version the watch has brought; null when versions are no numbers.</summary>
        public ulong? Seen { get; set; }
    }

    private sealed class Subscription(Informer<T> informer, Action<StoreChange<T>> handler) : IDisposable
    {
        public void Dispose()
        {
            lock (informer._gate)
            {
                informer._handlers = informer._handlers.Remove(handler);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A subscriber to {Resource} threw")]
        public static partial void HandlerFailed(ILogger logger, string resource, Exception exception);
    }
}
