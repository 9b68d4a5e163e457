using Microsoft.Extensions.Logging.Abstractions;

namespace Portal.ApiServer.Bench;

/// <summary>A server in this process on a database file, and a client over its in-memory pipes.</summary>
internal sealed class EmbeddedServer : IAsyncDisposable
{
    private EmbeddedServer(KubeApiServer server)
    {
        Server = server;
        Http = new HttpClient(server.Connection.Handler, disposeHandler: false) { BaseAddress = server.Connection.Server };
    }

    public KubeApiServer Server { get; }

    public HttpClient Http { get; }

    public static async Task<EmbeddedServer> StartAsync(DirectoryInfo data, string name) => new(await KubeApiServer.StartAsync(
        new ApiServerOptions { DatabasePath = Path.Combine(data.FullName, name) }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }
}
