using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Shared informers: one per kind for everyone in the process. Informers asked for after the start begin at once.</summary>
public sealed class InformerFactory(KubeClient client, string? @namespace, TimeProvider timeProvider, ILoggerFactory loggerFactory)
{
    public KubeClient Client { get; } = client;
    public string? Namespace { get; } = @namespace;
    internal TimeProvider TimeProvider { get; } = timeProvider;
    internal ILoggerFactory LoggerFactory { get; } = loggerFactory;

    public Informer<T> Get<T>() where T : KubeObject, IKubeKind<T> => throw new NotImplementedException();

    public Informer<KubeObject> Get(ResourceDefinition definition) => throw new NotImplementedException();

    /// <summary>Runs all informers until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
