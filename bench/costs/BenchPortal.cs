using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Portal;

/// <summary>A whole portal in this process, on the database that was filled.</summary>
internal sealed class BenchPortal : IAsyncDisposable
{
    private const string Token = "bench-token";
    private readonly PortalApplication _portal;

    private BenchPortal(PortalApplication portal)
    {
        _portal = portal;
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = portal.Address, Timeout = TimeSpan.FromMinutes(2) };
        Http.DefaultRequestHeaders.Authorization = null;
    }

    public HttpClient Http { get; }

    public static async Task<BenchPortal> StartAsync(string directory, string? connectionString) => new(await PortalApplication.StartAsync(
        [
            .. connectionString is null ? [] : (string[])["--Portal:Database:Provider", "postgres", "--Portal:Database:ConnectionString", connectionString],
            "--urls", "http://127.0.0.1:0", "--Portal:ApiServer:Port", "0", "--Portal:DataDirectory", directory, "--Portal:Cluster:Mode", "embedded", "--Portal:Usage:Token", Token,
        ],
        builder => builder.Logging.SetMinimumLevel(LogLevel.Warning), CancellationToken.None));

    public static HttpRequestMessage Usage(HttpContent batch) =>
        new(HttpMethod.Post, "/api/v1/usage") { Content = batch, Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _portal.DisposeAsync();
    }
}
