using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer.Bench;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;
using Portal.Kubernetes.Objects;
using Portal.Operator.Manifests;

namespace Portal.Operator.Bench;

/// <summary>What a part is measured on: an API server with the kinds, and a namespace of its own.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly ServerProcess? _server;
    private readonly DirectoryInfo? _directory;

    private Cluster(string kubeconfig, ServerProcess? server, DirectoryInfo? directory)
    {
        (Kubeconfig, _server, _directory) = (kubeconfig, server, directory);
        Client = new KubeClient(KubeConnectionFactory.FromKubeConfig(kubeconfig, context: null, TimeProvider.System));
        Namespace = $"genkit-bench-{Guid.NewGuid():N}"[..20];
    }

    public string Kubeconfig { get; }

    public KubeClient Client { get; }

    public string Namespace { get; }

    /// <summary>Whether nothing here plays the Deployment controller unless the bench does.</summary>
    public bool IsEmbedded => _server is not null;

    public double? ServerMegabytes => _server is null ? null : Machine.ResidentMegabytes(_server.Id);

    public double ServerProcessorSeconds => _server?.ProcessorSeconds ?? 0;

    public static async Task<Cluster> OpenAsync(BenchSettings settings)
    {
        var directory = settings.Kubeconfig is null ? Directory.CreateTempSubdirectory("genkit-bench-") : null;
        var server = directory is null ? null : await ServerProcess.StartAsync(directory.FullName);
        var cluster = new Cluster(settings.Kubeconfig ?? server!.Kubeconfig, server, directory);
        var installer = new CrdInstaller(cluster.Client, TimeProvider.System, NullLogger.Instance);
        await installer.InstallAsync(CancellationToken.None);
        await installer.WaitAsync(CancellationToken.None);
        var manifest = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = cluster.Namespace },
        };
        await cluster.Client.Resource(BuiltIn.Namespace).CreateAsync(new KubeObject(manifest), null, CancellationToken.None);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is null)
        {
            await Client.Resource(BuiltIn.Namespace).DeleteAsync(null, Namespace, null, CancellationToken.None);
        }
        else
        {
            await _server.DisposeAsync();
            _directory!.Delete(recursive: true);
        }
    }
}
