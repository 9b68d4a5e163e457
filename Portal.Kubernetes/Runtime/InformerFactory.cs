using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>How one kind is kept in view.</summary>
/// <param name="Resource">Plural name of the kind.</param>
/// <param name="Objects">Objects that are known.</param>
/// <param name="IsSynced">Whether all there were have been listed once.</param>
/// <param name="LastContact">When the server last answered or sent something.</param>
/// <param name="LastError">Why what is known may be out of date; null while all is well.</param>
public sealed record WatchState(string Resource, int Objects, bool IsSynced, DateTimeOffset? LastContact, string? LastError);

/// <summary>Shared informers: one per kind for everyone in the process. Informers asked for after the start begin at once.</summary>
/// <param name="client">Where to list and watch.</param>
/// <param name="namespace">The one namespace to see, or null for all.</param>
public sealed class InformerFactory(KubeClient client, string? @namespace, TimeProvider timeProvider, ILoggerFactory loggerFactory)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ResourceDefinition Definition, Type Type), Entry> _entries = [];
    private readonly List<Task> _running = [];
    private CancellationToken? _lifetime;

    public KubeClient Client { get; } = client;

    /// <summary>The namespaces to see; none for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = @namespace is null ? [] : [@namespace];

    /// <summary>Keeps objects as text: a fraction of the memory for some work at each use. For many thousand objects.</summary>
    public bool PacksObjects { get; init; }

    /// <summary>Whether packed objects keep <c>managedFields</c>, which are often most of them.</summary>
    public bool KeepsManagedFields { get; init; }

    public Informer<T> Get<T>() where T : KubeObject, IKubeKind<T> => Get(Client.Resource<T>());

    public Informer<KubeObject> Get(ResourceDefinition definition) => Get(Client.Resource(definition));

    /// <summary>Of a kind as a type of its own, which may keep less of an object than there is.</summary>
    public Informer<T> Get<T>(Resource<T> resource) where T : KubeObject
    {
        lock (_lock)
        {
            var key = (resource.Definition, typeof(T));
            if (_entries.TryGetValue(key, out var found))
            {
                return (Informer<T>)found.Informer;
            }

            var scope = resource.Definition.Namespaced ? Namespaces : [];
            var informer = new Informer<T>(resource, scope, timeProvider, loggerFactory.CreateLogger("Portal.Kubernetes.Informer"), Random.Shared.NextDouble)
            {
                Packs = PacksObjects,
                KeepsManagedFields = KeepsManagedFields,
            };
            var entry = new Entry(informer, token => Task.Run(() => informer.RunAsync(token), CancellationToken.None), informer.WaitForSyncAsync, () => new WatchState(
                resource.Definition.Plural, informer.Store.Count, informer.IsSynced, informer.LastContact, informer.LastError));
            _entries.Add(key, entry);
            if (_lifetime is { } lifetime)
            {
                _running.Add(entry.Start(lifetime));
            }

            return informer;
        }
    }

    /// <summary>Runs all informers until cancelled, then returns. May be called again after that, not at the same time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_lifetime is not null)
            {
                throw new InvalidOperationException("The informers are running already.");
            }

            _lifetime = cancellationToken;
            _running.AddRange(_entries.Values.Select(entry => entry.Start(cancellationToken)));
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task[] ending;
        lock (_lock)
        {
            _lifetime = null;
            ending = [.. _running];
            _running.Clear();
        }

        await Task.WhenAll(ending);
    }

    /// <summary>How every informer asked for so far does, by kind.</summary>
    public IReadOnlyList<WatchState> States()
    {
        lock (_lock)
        {
            return [.. _entries.Values.Select(entry => entry.State()).OrderBy(state => state.Resource, StringComparer.Ordinal)];
        }
    }

    /// <summary>Waits for every informer asked for so far.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.WhenAll(_entries.Values.Select(entry => entry.WaitForSync(cancellationToken)));
        }
    }

    private sealed record Entry(object Informer, Func<CancellationToken, Task> Start, Func<CancellationToken, Task> WaitForSync, Func<WatchState> State);
}
