using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Waits for the state of one object, by watching it.</summary>
public static class Wait
{
    /// <summary>Waits until <paramref name="predicate"/> is true; it gets null while the object is not there. Goes on through lost connections.</summary>
    /// <returns>The object as it was then; null when the predicate accepted its absence.</returns>
    /// <exception cref="TimeoutException">It did not happen within <paramref name="timeout"/>.</exception>
    /// <exception cref="KubernetesException">The server refuses to list or watch.</exception>
    public static async Task<T?> UntilAsync<T>(
        Resource<T> resource,
        string? @namespace,
        string name,
        Func<T?, bool> predicate,
        TimeSpan timeout,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
        where T : KubeObject
    {
        using var limit = new CancellationTokenSource(timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), Random.Shared.NextDouble);
        string? obstacle = null;
        while (true)
        {
            try
            {
                if (await WatchAsync(resource, @namespace, name, predicate, either.Token) is (true, var found))
                {
                    return found;
                }
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{resource.Definition.Kind} {(@namespace is null ? "" : @namespace + "/")}{name} did not get there within {timeout.TotalSeconds:0.#} s.{obstacle}");
            }
            catch (KubeUnreachableException exception)
            {
                obstacle = " " + exception.Message;
            }
            catch (KubernetesException exception) when (exception.IsExpired || exception.StatusCode >= System.Net.HttpStatusCode.InternalServerError)
            {
                obstacle = " " + exception.Message;
            }

            await Task.Delay(backoff.Next(), timeProvider, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<(bool Done, T? Found)> WatchAsync<T>(
        Resource<T> resource, string? @namespace, string name, Func<T?, bool> predicate, CancellationToken cancellationToken) where T : KubeObject
    {
        var selector = $"metadata.name={name}";
        var list = await resource.ListAsync(@namespace, new ListOptions { FieldSelector = selector }, cancellationToken);
        var current = list.Items.Count > 0 ? list.Items[0] : null;
        if (predicate(current))
        {
            return (true, current);
        }

        var options = new WatchOptions { FieldSelector = selector, ResourceVersion = list.ResourceVersion };
        await foreach (var change in resource.WatchAsync(@namespace, options, cancellationToken))
        {
            if (change.Type == WatchEventType.Bookmark)
            {
                continue;
            }

            current = change.Type == WatchEventType.Deleted ? null : change.Object;
            if (predicate(current))
            {
                return (true, current);
            }
        }

        return (false, null);
    }
}
