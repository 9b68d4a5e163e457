using System.Collections.Immutable;
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
    private readonly Reflector<T> _reflector;
    private readonly ILogger _logger;
    private ImmutableArray<Action<StoreChange<T>>> _handlers = [];

    public Informer(Resource<T> resource, string? @namespace, TimeProvider timeProvider, ILogger logger)
        : this(resource, @namespace, timeProvider, logger, Random.Shared.NextDouble)
    {
    }

    internal Informer(Resource<T> resource, string? @namespace, TimeProvider timeProvider, ILogger logger, Func<double> random)
    {
        Resource = resource;
        Namespace = @namespace;
        _logger = logger;
        _reflector = new Reflector<T>(resource, @namespace, Replace, Apply, timeProvider, logger, random);
    }

    public Resource<T> Resource { get; }
    public string? Namespace { get; }
    public ObjectStore<T> Store { get; } = new();

    /// <summary>Whether the store has been filled once.</summary>
    public bool IsSynced => _synced.Task.IsCompleted;

    /// <summary>When the server last answered or sent something; null before the first time. While all is well at most a few minutes ago.</summary>
    public DateTimeOffset? LastContact => _reflector.LastContact;

    /// <summary>Why the store may be out of date; null while all is well.</summary>
    public string? LastError => _reflector.LastError;

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

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
    public Task RunAsync(CancellationToken cancellationToken) => _reflector.RunAsync(cancellationToken);

    private void Replace(IReadOnlyList<T> items)
    {
        lock (_gate)
        {
            var (before, after) = Store.Replace(items);
            foreach (var gone in before.Where(item => !after.ContainsKey(ObjectStore<T>.KeyOf(item))))
            {
                Tell(gone, null);
            }

            var known = before.ToDictionary(ObjectStore<T>.KeyOf);
            foreach (var (key, item) in after)
            {
                Tell(known.GetValueOrDefault(key), item);
            }
        }

        _synced.TrySetResult();
    }

    private void Apply(WatchEvent<T> change)
    {
        lock (_gate)
        {
            if (change.Type != WatchEventType.Deleted)
            {
                Tell(Store.Set(change.Object), change.Object);
            }
            else if (Store.Remove(change.Object) is not null)
            {
                // The event's object is the last state, newer than the one in the store.
                Tell(change.Object, null);
            }
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
