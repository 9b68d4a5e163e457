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
public sealed class Informer<T>(Resource<T> resource, string? @namespace) where T : KubeObject
{
    public Resource<T> Resource { get; } = resource;
    public string? Namespace { get; } = @namespace;
    public ObjectStore<T> Store { get; } = new();

    /// <summary>Whether the store has been filled once.</summary>
    public bool IsSynced => throw new NotImplementedException();

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Calls <paramref name="handler"/> for every later change, in order; for a synced store it is first called with Added for each object.
    /// Handlers must be quick and must not throw.</summary>
    public IDisposable Subscribe(Action<StoreChange<T>> handler) => throw new NotImplementedException();

    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
