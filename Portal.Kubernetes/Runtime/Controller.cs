using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Sources → mappers → queue → workers. No key is reconciled by two workers at once.</summary>
public sealed class Controller(string name, IReconciler reconciler, int workers, TimeProvider timeProvider, ILogger logger)
{
    public string Name { get; } = name;
    internal IReconciler Reconciler { get; } = reconciler;
    internal int Workers { get; } = workers;
    internal TimeProvider TimeProvider { get; } = timeProvider;
    internal ILogger Logger { get; } = logger;

    /// <summary>Changes of the primary kind enqueue the object itself.</summary>
    public Controller For<T>(Informer<T> informer) where T : KubeObject => throw new NotImplementedException();

    /// <summary>Changes of a child enqueue its controller owner when that is of <paramref name="ownerKind"/> in <paramref name="ownerGroup"/>.</summary>
    public Controller Owns<T>(Informer<T> informer, string ownerGroup, string ownerKind) where T : KubeObject => throw new NotImplementedException();

    /// <summary>Changes enqueue whatever <paramref name="map"/> says; it sees the old and the new state.</summary>
    public Controller Watches<T>(Informer<T> informer, Func<T, IEnumerable<ResourceRef>> map) where T : KubeObject => throw new NotImplementedException();

    /// <summary>Waits for its informers, then works until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
