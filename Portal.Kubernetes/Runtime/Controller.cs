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

    public string Name { get; } = name;

    /// <summary>Changes of the primary kind enqueue the object itself.</summary>
    public Controller For<T>(Informer<T> informer) where T : KubeObject
    {
        var definition = informer.Resource.Definition;
        return Watches(informer, item => [new ResourceRef(definition.Group, definition.Kind, item.Namespace, item.Name)]);
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

    /// <summary>Waits for its informers, then works until cancelled; returns when the reconciles under way have ended. May be run again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue<ResourceRef>(timeProvider, Name);
        List<IDisposable> subscriptions = [];
        try
        {
            subscriptions.AddRange(_sources.Select(source => source.Subscribe(queue)));
            await Task.WhenAll(_sources.Select(source => source.WaitForSync(cancellationToken)));
            Log.Started(logger, Name, workers);
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(queue, cancellationToken), CancellationToken.None)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancelled before the first sync: there is nothing to end.
        }
        finally
        {
            subscriptions.ForEach(subscription => subscription.Dispose());
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
