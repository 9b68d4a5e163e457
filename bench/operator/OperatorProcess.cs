using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Portal.ApiServer.Bench;

namespace Portal.Operator.Bench;

/// <summary>The published portal as an operator.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });

    private readonly Process _process;
    private readonly Uri _address;

    private OperatorProcess(Process process, Uri address) => (_process, _address) = (process, address);

    public double ResidentMegabytes => Machine.ResidentMegabytes(_process.Id);

    /// <summary>The most it ever had.</summary>
    public double PeakMegabytes => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>Seconds of a processor it has used so far: unlike time, hardly touched by what else runs.</summary>
    public double ProcessorSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Starts it, and does not wait for it.</summary>
    /// <param name="portal">The published <c>Portal.dll</c>.</param>
    /// <param name="kubeconfig">Of the cluster.</param>
    /// <param name="elects">Whether it elects a leader, with all defaults.</param>
    public static OperatorProcess Start(string portal, string kubeconfig, bool elects)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[
            portal, "--Portal:Role", "operator", "--Portal:Cluster:Mode", "kubeconfig", "--Portal:Cluster:Kubeconfig", kubeconfig,
            "--Portal:Operator:LeaderElection", elects ? "true" : "false", "--urls", address.OriginalString, "--Logging:LogLevel:Default", "Warning"])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        return new OperatorProcess(process, address);
    }

    /// <summary>Waits until the cluster's objects are loaded.</summary>
    public async Task ReadyAsync()
    {
        while (true)
        {
            try
            {
                if ((await s_http.GetAsync(new Uri(_address, "/readyz"))).StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // It is still starting.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Requests to the API server so far by verb, without watches.</summary>
    public async Task<SortedDictionary<string, double>> RequestsAsync()
    {
        var requests = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (labels, value) in await MetricAsync("kubernetes_client_request_duration_seconds_count"))
        {
            var verb = Label(labels, "verb");
            if (verb != "WATCH")
            {
                requests[verb] = requests.GetValueOrDefault(verb) + value;
            }
        }

        return requests;
    }

    /// <summary>Waits until it has done what there was to do; returns its requests so far.</summary>
    public async Task<SortedDictionary<string, double>> AtRestAsync()
    {
        for (var before = -1.0; ;)
        {
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
            var requests = await RequestsAsync();
            if (requests.Values.Sum() == before)
            {
                return requests;
            }

            before = requests.Values.Sum();
        }
    }

    public async Task<bool> LeadsAsync() => (await MetricAsync("kubernetes_leader")).Any(sample => sample.Value > 0);

    public async Task<double> QueuedAsync() => (await MetricAsync("kubernetes_workqueue_depth")).Sum(sample => sample.Value);

    /// <summary>Ends it as a power failure would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var term = Process.Start("kill", [_process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<List<(string Labels, double Value)>> MetricAsync(string name)
    {
        var text = await s_http.GetStringAsync(new Uri(_address, "/metrics"));
        return [.. text.Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Select(line => (line[name.Length..line.LastIndexOf(' ')], double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)))];
    }

    private static string Label(string labels, string name)
    {
        var start = labels.IndexOf(name + "=\"", StringComparison.Ordinal) + name.Length + 2;
        return labels[start..labels.IndexOf('"', start)];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
