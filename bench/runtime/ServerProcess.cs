using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer;

namespace Portal.Kubernetes.Bench;

/// <summary>The embedded API server alone in a process: nothing else plays a controller.</summary>
internal static class ServerProcess
{
    /// <summary>Serves over TLS on a free port until standard input ends. The kubeconfig is there once the server answers.</summary>
    public static async Task ServeAsync(string kubeconfig)
    {
        var options = new ApiServerOptions { SecurePort = 0 };
        await using var server = await KubeApiServer.StartAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

        // Written aside and moved, so that whoever waits for the file finds all of it.
        var draft = kubeconfig + ".new";
        await File.WriteAllTextAsync(draft, "");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await File.WriteAllTextAsync(draft, server.Kubeconfig);
        File.Move(draft, kubeconfig, overwrite: true);
        await Console.In.ReadToEndAsync();
    }
}
