using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Operator.Manifests;

/// <summary>Brings the CustomResourceDefinitions of a cluster up to date.</summary>
internal sealed class CrdInstaller(KubeClient client, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
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

    /// <summary>Waits until every definition exists and is Established.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        foreach (var crd in CrdManifests.All)
        {
            var name = (string)crd["metadata"]!["name"]!;
            while (await _definitions.FindAsync(null, name, cancellationToken).ConfigureAwait(false) is not { } found
                || found.FindCondition("Established") is not { IsTrue: true })
            {
                await Task.Delay(s_poll, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
