using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Operator.Manifests;

/// <summary>Brings the CustomResourceDefinitions of a cluster up to date.</summary>
internal sealed class CrdInstaller(KubeClient client, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly WriteOptions s_apply = new() { Manager = FieldManager.Operator, Force = true };

    private readonly Resource<KubeObject> _definitions = client.Resource(BuiltIn.CustomResourceDefinition);

    /// <summary>Applies every definition, then waits until the server serves them all.</summary>
    /// <exception cref="KubernetesException">The server refused.</exception>
    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        foreach (var crd in CrdManifests.All)
        {
            await _definitions.ApplyAsync(new KubeObject(crd), s_apply, cancellationToken).ConfigureAwait(false);
        }

        await WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until every definition exists and is served.</summary>
    /// <exception cref="TimeoutException">One is not, after half a minute.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        foreach (var crd in CrdManifests.All)
        {
            await Wait.UntilAsync(
                _definitions,
                null,
                (string)crd["metadata"]!["name"]!,
                found => found?.FindCondition("Established") is { IsTrue: true },
                s_patience,
                timeProvider,
                cancellationToken).ConfigureAwait(false);
        }
    }
}
