using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer;

namespace Portal.Operator.Bench;

/// <summary>The embedded API server alone in a process, with its database on disk.</summary>
internal sealed class ServerProcess(Process process, string kubeconfig) : IAsyncDisposable
{
    public string Kubeconfig => kubeconfig;

    public int Id => process.Id;

    public double ProcessorSeconds
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    public static async Task<ServerProcess> StartAsync(string directory)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[typeof(ServerProcess).Assembly.Location, "serve", directory])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        return await process.StandardOutput.ReadLineAsync() is { Length: > 0 } file
            ? new ServerProcess(process, file)
            : throw new InvalidOperationException("The server did not start.");
    }

    /// <summary>The process: serves until its input ends.</summary>
    public static async Task ServeAsync(string directory)
    {
        var options = new ApiServerOptions
        {
            DatabasePath = Path.Combine(directory, "cluster.db"),
            SecurePort = 0,
            CertificateDirectory = Path.Combine(directory, "pki"),
        };
        await using var server = await KubeApiServer.StartAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var file = Path.Combine(directory, "kubeconfig");
        await File.WriteAllTextAsync(file, server.Kubeconfig);
        Console.WriteLine(file);
        await Console.In.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
