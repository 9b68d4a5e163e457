using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;

namespace Portal.ApiServer.Bench;

/// <summary>A process that holds nothing but the API server, reached over TLS as kubectl reaches it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, KubeConnection connection, TimeSpan startUp)
    {
        _process = process;
        Connection = connection;
        StartUp = startUp;
        Http = new HttpClient(connection.Handler, disposeHandler: false) { BaseAddress = connection.Server };
    }

    public KubeConnection Connection { get; }

    public HttpClient Http { get; }

    /// <summary>From the start of the process to its first answer, the runtime's own start included.</summary>
    public TimeSpan StartUp { get; }

    public double ResidentMegabytes => Machine.ResidentMegabytes(_process.Id);

    public static async Task<ServerProcess> StartAsync(DirectoryInfo data, string name)
    {
        var clock = Stopwatch.StartNew();
        var path = Path.Combine(data.FullName, name);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        start.ArgumentList.Add("serve");
        start.ArgumentList.Add(path);
        var process = Process.Start(start)!;
        if (await process.StandardOutput.ReadLineAsync() != "ready")
        {
            throw new InvalidOperationException("The server did not start.");
        }

        var startUp = clock.Elapsed;
        return new ServerProcess(process, Connect(path + ".kubeconfig"), startUp);
    }

    /// <summary>The process: serves until its input ends.</summary>
    public static async Task ServeAsync(string path)
    {
        var options = new ApiServerOptions { DatabasePath = path, SecurePort = 0, CertificateDirectory = path + ".certificates" };
        await using var server = await KubeApiServer.StartAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        using var http = new HttpClient(server.Connection.Handler, disposeHandler: false) { BaseAddress = server.Connection.Server };
        (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).EnsureSuccessStatusCode();
        await File.WriteAllTextAsync(path + ".kubeconfig", server.Kubeconfig);
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Connection.Handler.Dispose();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static KubeConnection Connect(string kubeconfig) => KubeConnectionFactory.FromKubeConfig(kubeconfig, context: null, TimeProvider.System);
}
