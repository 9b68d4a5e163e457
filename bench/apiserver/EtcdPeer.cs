using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Portal.ApiServer.Bench;

/// <summary>
/// etcd with one member on the same disk, where it is installed: the store a real API server keeps its objects in. It knows no Kubernetes: a put
/// does not validate, default or track fields.
/// </summary>
internal sealed class EtcdPeer : IAsyncDisposable
{
    private const int ClientPort = 23790;
    private const int PeerPort = 23800;

    private readonly Process _process;
    private readonly HttpClient _http = new(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{ClientPort}") };

    private EtcdPeer(Process process) => _process = process;

    /// <summary>Null where etcd is not installed.</summary>
    public static async Task<EtcdPeer?> TryStartAsync(DirectoryInfo data)
    {
        var start = new ProcessStartInfo("etcd") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[
            "--data-dir", Path.Combine(data.FullName, "etcd"), "--listen-client-urls", $"http://127.0.0.1:{ClientPort}",
            "--advertise-client-urls", $"http://127.0.0.1:{ClientPort}", "--listen-peer-urls", $"http://127.0.0.1:{PeerPort}",
            "--initial-advertise-peer-urls", $"http://127.0.0.1:{PeerPort}", "--initial-cluster", $"default=http://127.0.0.1:{PeerPort}",
            "--log-level", "error"])
        {
            start.ArgumentList.Add(argument);
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }

        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var peer = new EtcdPeer(process);
        await peer.WaitAsync();
        return peer;
    }

    /// <summary>Puts a second, of values as large as the objects the API server is given.</summary>
    public async Task<double> PutAsync(string prefix, int count, int writers)
    {
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (var index = Interlocked.Increment(ref next); index < count; index = Interlocked.Increment(ref next))
            {
                var name = $"{prefix}-{index}";
                await Objects.SendAsync(_http, HttpMethod.Post, "/v3/kv/put", $$"""{"key":"{{Base64(name)}}","value":"{{Base64(Objects.ConfigMap(name))}}"}""");
            }
        })));
        return count / clock.Elapsed.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await Objects.SendAsync(_http, HttpMethod.Post, "/v3/kv/put", $$"""{"key":"{{Base64("ready")}}","value":""}""");
                return;
            }
            catch (Exception problem) when (attempt < 100 && problem is HttpRequestException or SocketException or InvalidOperationException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
