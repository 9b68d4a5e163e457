using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;

namespace Portal.Tests.Operator;

/// <summary>
/// The API server the operator tests run on, which they know only by its API: an embedded one of their own over in-memory pipes, or with
/// <c>GENKIT_TEST_CLUSTER=1</c> the cluster of <c>KUBECONFIG</c>, which other tests and people use too.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly KubeApiServer? _embedded;

    private TestCluster(KubeConnection connection, KubeApiServer? embedded) => (Connection, _embedded) = (connection, embedded);

    public KubeConnection Connection { get; }

    /// <summary>Whether others find what is left behind.</summary>
    public bool IsShared => _embedded is null;

    public static async Task<TestCluster> ConnectAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("GENKIT_TEST_CLUSTER") == "1")
        {
            return new TestCluster(KubeConnectionFactory.FromKubeConfig(path: null, context: null, TimeProvider.System), embedded: null);
        }

        var server = await KubeApiServer.StartAsync(new ApiServerOptions(), TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        return new TestCluster(server.Connection, server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
        else
        {
            Connection.Handler.Dispose();
        }
    }
}
