using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Sources → mappers → queue → workers. No key is reconciled by two workers at once.</summary>
/// <param name="name">For logs and metrics.</param>
/// <param name="workers">How many keys are reconciled at the same time.</param>
public sealed partial class Controller(string name, IReconciler reconciler, int workers, TimeProvider timeProvider, ILogger logger)
{
    private readonly List<Source> _sources = [];
    private readonly List<Func<IEnumerable<ResourceRef>>> _primaries = [];

    private volatile WorkQueue<ResourceRef>? _queue;

    public string Name { get; } = name;

    /// <summary>Whether it works now.</summary>
    public bool IsRunning => _queue is not null;

    /// <summary>Objects that wait or are worked on; 0 while it does not run.</summary>
    public int Queued => _queue?.Count ?? 0;

    /// <summary>Objects whose last reconcile failed and is tried again.</summary>
    public int Failing => _queue?.Failing ?? 0;

    /// <summary>How often every object of the primary kind is reconciled without a cause, spread over a tenth of the time; null for never.</summary>
    public TimeSpan? Resync { get; init; }

    /// <summary>Changes of the primary kind enqueue the object itself.</summary>
    public Controller For<T>(Informer<T> informer) where T : KubeObject
    {
        var definition = informer.Resource.Definition;
        ResourceRef Key(T item) => new(definition.Group, definition.Kind, item.Namespace, item.Name);

        _primaries.Add(() => informer.Store.List().Select(Key));
        return Watches(informer, item => [Key(item)]);
    }

    /// <summary>Changes of a child enqueue its controller owner when that is of <paramref name="ownerKind"/> in <paramref name="ownerGroup"/>.</summary>
    public Controller Owns<T>(Informer<T> informer, string ownerGroup, string ownerKind) where T : KubeObject => Watches(
        informer,
        item => item.ControllerOwner is { } owner && owner.Kind == ownerKind && GroupOf(owner.ApiVersion) == ownerGroup
            ? [new ResourceRef(ownerGroup, ownerKind, item.Namespace, owner.Name)]
            : []);

    /// <summary>Changes enqueue whatever <paramref name="map"/> says; it sees the old and the new state.</summary>
    public Controller Watches<T>(Informer<T> informer, Func<T, IEnumerable<ResourceRef>> map) where T : KubeObject
    {
        _sources.Add(new Source(informer.WaitForSyncAsync, queue => informer.Subscribe(change => Enqueue(queue, change, map))));
        return this;
    }

    /// <summary>Whatever <paramref name="subscribe"/> is told by others enqueues what it says, as long as the subscription it returns is not disposed of.</summary>
    /// <param name="subscribe">Is given what enqueues.</param>
    /// <param name="waitForSync">Nothing is reconciled before it completes; null when there is nothing to wait for.</param>
    public Controller Watches(Func<Action<IEnumerable<ResourceRef>>, IDisposable> subscribe, Func<CancellationToken, Task>? waitForSync = null)
    {
        _sources.Add(new Source(
            waitForSync ?? (_ => Task.CompletedTask),
            queue => subscribe(keys =>
            {
                foreach (var key in keys)
                {
                    queue.Add(key);
                }
            })));
        return this;
    }

    /// <summary>Waits for its informers, then works until cancelled; returns when the reconciles under way have ended. May be run again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue<ResourceRef>(timeProvider, Name);
        List<IDisposable> subscriptions = [];
        _queue = queue;
        try
        {
            subscriptions.AddRange(_sources.Select(source => source.Subscribe(queue)));
            await Task.WhenAll(_sources.Select(source => source.WaitForSync(cancellationToken)));
            Log.Started(logger, Name, workers);
            var working = Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(queue, cancellationToken), CancellationToken.None));
            await Task.WhenAll([.. working, ResyncAsync(queue, cancellationToken)]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancelled before the first sync: there is nothing to end.
        }
        finally
        {
            _queue = null;
            subscriptions.ForEach(subscription => subscription.Dispose());
        }
    }

    private async Task ResyncAsync(WorkQueue<ResourceRef> queue, CancellationToken cancellationToken)
    {
        while (Resync is { } period && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(period, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var key in _primaries.SelectMany(list => list()))
            {
                queue.AddAfter(key, period / 10 * Random.Shared.NextDouble());
            }
        }
    }

    private async Task WorkAsync(WorkQueue<ResourceRef> queue, CancellationToken cancellationToken)
    {
        try
        {
            while (await queue.TakeAsync(cancellationToken) is (true, var key))
            {
                await ReconcileAsync(queue, key, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The way to end.
        }
    }

    private async Task ReconcileAsync(WorkQueue<ResourceRef> queue, ResourceRef key, CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        var result = "cancelled";
        using var scope = logger.BeginScope(new ReconcileScope(Name, key));
        try
        {
            result = await TryReconcileAsync(queue, key, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The worker ends by itself.
        }
        finally
        {
            queue.Done(key);
            KubeMetrics.ReconcileDuration.Record(timeProvider.GetElapsedTime(start).TotalSeconds, new("controller", Name), new("result", result));
        }
    }

    /// <returns>How it went, for metrics.</returns>
    private async Task<string> TryReconcileAsync(WorkQueue<ResourceRef> queue, ResourceRef key, CancellationToken cancellationToken)
    {
        try
        {
            var result = await reconciler.ReconcileAsync(key, cancellationToken);
            queue.Forget(key);
            if (result.RequeueAfter is not { } delay)
            {
                return "done";
            }

            queue.AddAfter(key, delay);
            return "after";
        }
        catch (TerminalException exception)
        {
            queue.Forget(key);
            Log.GaveUp(logger, Name, key, exception.Message);
            return "terminal";
        }
        catch (KubernetesException exception) when (exception.IsConflict)
        {
            // Somebody wrote in between: routine, and the retry sees the new state.
            queue.Retry(key);
            Log.Conflict(logger, Name, key);
            return "conflict";
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            queue.Retry(key);
            Log.Failed(logger, Name, key, exception);
            return "error";
        }
    }

    private void Enqueue<T>(WorkQueue<ResourceRef> queue, StoreChange<T> change, Func<T, IEnumerable<ResourceRef>> map) where T : KubeObject
    {
        // Both states, so that whoever the object pointed to before learns that it no longer does.
        foreach (var state in new[] { change.Before, change.After })
        {
            try
            {
                foreach (var key in state is null ? [] : map(state))
                {
                    queue.Add(key);
                }
            }
            catch (Exception exception)
            {
                Log.MapFailed(logger, Name, typeof(T).Name, change.Object.Namespace, change.Object.Name, exception);
            }
        }
    }

    private static string GroupOf(string apiVersion) => apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion[..apiVersion.IndexOf('/', StringComparison.Ordinal)] : "";

    /// <summary>Goes with every line that is logged in one reconcile, whoever logs it.</summary>
    private sealed class ReconcileScope(string controller, ResourceRef key) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly KeyValuePair<string, object?>[] _items =
        [
            new("ReconcileId", Random.Shared.NextInt64(1L << 40).ToString("x10", CultureInfo.InvariantCulture)),
            new("Controller", controller),
            new("Key", key),
        ];

        public int Count => _items.Length;

        public KeyValuePair<string, object?> this[int index] => _items[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _items.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"reconcile {_items[0].Value} of {_items[2].Value}";
    }

    private sealed record Source(Func<CancellationToken, Task> WaitForSync, Func<WorkQueue<ResourceRef>, IDisposable> Subscribe);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Controller {Controller} works with {Workers} workers")]
        public static partial void Started(ILogger logger, string controller, int workers);

        [LoggerMessage(LogLevel.Warning, "Controller {Controller} gives {Key} up until it changes: {Reason}")]
        public static partial void GaveUp(ILogger logger, string controller, ResourceRef key, string reason);

        [LoggerMessage(LogLevel.Debug, "Controller {Controller} met a conflict at {Key}")]
        public static partial void Conflict(ILogger logger, string controller, ResourceRef key);

        [LoggerMessage(LogLevel.Error, "Controller {Controller} failed at {Key} and will retry")]
        public static partial void Failed(ILogger logger, string controller, ResourceRef key, Exception exception);

        [LoggerMessage(LogLevel.Error, "Controller {Controller} cannot tell what {Type} {Namespace}/{Name} concerns")]
        public static partial void MapFailed(ILogger logger, string controller, string type, string? @namespace, string name, Exception exception);
    }
}
