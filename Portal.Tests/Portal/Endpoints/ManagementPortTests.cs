using System.Net;
using System.Net.Sockets;

namespace Portal.Tests.Portal.Endpoints;

public sealed class ManagementPortTests
{
    [Fact]
    public async Task ManagementPort_WithoutSignIn_ServesWhatAClusterAsksForAndNothingElse()
    {
        var data = Directory.CreateTempSubdirectory("portal-tests-");
        var port = FreePort();
        string[] arguments = [.. RunningPortal.Arguments(data.FullName), "--Portal:ManagementPort", $"{port}"];
        try
        {
            await using var portal = await PortalApplication.StartAsync(arguments, null, CancellationToken.None);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

            Assert.NotEqual(port, portal.Address.Port);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/healthz", "10.0.0.1:8081"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/metrics", "portal.somewhere.svc"));
            Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync(http, "/api/v1/usage", "portal.somewhere.svc"));
            foreach (var hidden in (string[])["/", "/prompts", "/api/v1/namespaces/default/flows", "/flows/default/x", "/openapi/v1.json", "/healthz/../prompts", "/_blazor"])
            {
                Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, hidden, "localhost"));
            }
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
