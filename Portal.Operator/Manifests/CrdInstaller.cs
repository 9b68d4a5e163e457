using System.Net;
using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Discovery;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Operator.Manifests;

/// <summary>Brings the CustomResourceDefinitions of a cluster up to date.</summary>
internal sealed partial class CrdInstaller(KubeClient client, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private static readonly WriteOptions s_apply = new() { Manager = FieldManager.Operator, Force = true };

    private readonly Resource<KubeObject> _definitions = client.Resource(BuiltIn.CustomResourceDefinition);

    /// <summary>Applies every definition; does nothing where that is not allowed, as others may have done it.</summary>
    /// <exception cref="KubernetesException">The server refused for another reason.</exception>
    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var crd in CrdManifests.All)
            {
                await _definitions.ApplyAsync(new KubeObject(crd), s_apply, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (KubernetesException exception) when (exception.StatusCode == HttpStatusCode.Forbidden)
        {
            Log.NotAllowed(logger, exception.Message);
        }
    }

    /// <summary>Waits until every kind is served. By discovery, which everyone may read.</summary>
    /// <exception cref="TimeoutException">One is not, after half a minute.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wanted = CrdManifests.All.Select(crd => (string)crd["spec"]!["names"]!["plural"]!).ToList();
        for (var start = timeProvider.GetTimestamp(); ;)
        {
            var served = await ApiDiscovery.GetResourcesAsync(client, GenkitApi.Group, GenkitApi.Version, cancellationToken).ConfigureAwait(false);
            var missing = wanted.Except(served.Select(definition => definition.Plural)).ToList();
            if (missing.Count == 0)
            {
                return;
            }

            if (timeProvider.GetElapsedTime(start) > s_patience)
            {
                throw new TimeoutException($"The cluster does not serve {string.Join(", ", missing)}. Apply the definitions of helm/crds.");
            }

            await Task.Delay(s_pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The definitions of genkit.dev are left as they are, as this account may not apply them: {Reason}")]
        public static partial void NotAllowed(ILogger logger, string reason);
    }
}
