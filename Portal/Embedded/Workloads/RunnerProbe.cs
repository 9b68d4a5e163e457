using System.Net;
using System.Net.Sockets;

namespace Portal.Embedded.Workloads;

/// <summary>Asks a runner on loopback how it is, and finds ports for new ones.</summary>
internal sealed class RunnerProbe(HttpMessageInvoker client)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);

    /// <summary>Whether <c>GET <paramref name="path"/></c> answers with success within a second.</summary>
    public async Task<bool> SucceedsAsync(int port, string path, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_timeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{LocalNode.Address}:{port}{path}");
            using var response = await client.SendAsync(request, linked.Token);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A loopback port free at this moment. Another program may take it first: the runner then ends and is started on another.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
