using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Kubernetes.Client;

/// <summary>An HTTP proxy that asks for credentials and then tunnels to the asked-for port on loopback, whatever the name.</summary>
internal sealed class TunnelProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public TunnelProxy()
    {
        _listener.Start();
        _running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The latest request head.</summary>
    public string Request { get; private set; } = "";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        List<Task> tunnels = [];
        try
        {
            while (true)
            {
                tunnels.Add(TunnelAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        try
        {
            using var near = client;
            await using var inward = near.GetStream();
            Request = await ReadHeadAsync(inward);
            while (!Request.Contains("Proxy-Authorization:", StringComparison.Ordinal))
            {
                await inward.WriteAsync("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
                Request = await ReadHeadAsync(inward);
            }

            using var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, int.Parse(Request.Split(' ')[1].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), _stop.Token);
            await using var outward = far.GetStream();
            await inward.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _stop.Token);
            await Task.WhenAny(inward.CopyToAsync(outward, _stop.Token), outward.CopyToAsync(inward, _stop.Token));
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Either side hung up.
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
