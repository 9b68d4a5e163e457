using System.Net;
using System.Net.Sockets;

namespace Portal.Tests.Portal;

public sealed class StartUpTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("portal-tests-").FullName;
    private readonly TcpListener _taken = new(IPAddress.Loopback, 0);

    public StartUpTests() => _taken.Start();

    public void Dispose()
    {
        _taken.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    // {port} is a port in use, {root} a directory with a file, and data directories in which something stands in the way.
    [Theory]
    [InlineData("--urls http://127.0.0.1:{port}", "http://127.0.0.1:{port} is in use by another program")]
    [InlineData("--urls http://0.0.0.0:0", "Refusing to listen on http://0.0.0.0:0: no sign-in is configured")]
    [InlineData("--Portal:ApiServer:Port {port}", "Port {port} on 127.0.0.1 is in use")]
    [InlineData("--Portal:ApiServer:Port many", "Portal:ApiServer:Port is 'many'")]
    [InlineData("--Portal:DataDirectory {root}/file/data", "The data directory {root}/file/data (Portal:DataDirectory) cannot be written")]
    [InlineData("--Portal:DataDirectory {root}/kept", "The kubeconfig {root}/kept/kubeconfig cannot be written (Portal:DataDirectory)")]
    [InlineData("--Portal:DataDirectory {root}/flat", "The data directory {root}/flat (Portal:DataDirectory) cannot be written")]
    [InlineData("--urls https://127.0.0.1:0 --Kestrel:Certificates:Default:Path {root}/file", "https needs a certificate")]
    [InlineData("--Portal:Cluster:Mode kubeconfig --Portal:Cluster:Kubeconfig {root}/none", "{root}/none")]
    [InlineData("--Portal:Cluster:Mode kubeconfig --Portal:Cluster:Kubeconfig {root}/file", "{root}/file")]
    [InlineData("--Portal:Cluster:Mode incluster", "KUBERNETES_SERVICE_HOST")]
    public async Task RunAsync_MistakeInTheSetUp_IsOneLineAndExitCodeOne(string arguments, string expected)
    {
        await File.WriteAllTextAsync(Path.Combine(_root, "file"), "users: [");
        Directory.CreateDirectory(Path.Combine(_root, "kept", "kubeconfig"));
        Directory.CreateDirectory(Path.Combine(_root, "flat"));
        await File.WriteAllTextAsync(Path.Combine(_root, "flat", "flows"), "");
        string Fill(string text) => text.Replace("{port}", ((IPEndPoint)_taken.LocalEndpoint).Port.ToString(), StringComparison.Ordinal)
            .Replace("{root}", _root, StringComparison.Ordinal);

        var exception = await Assert.ThrowsAsync<StartupException>(async () =>
        {
            string[] all = [.. RunningPortal.Arguments(Path.Combine(_root, "data")), .. Fill(arguments).Split(' ')];
            await using var portal = await PortalApplication.StartAsync(all, null, CancellationToken.None);
        });

        Assert.Contains(Fill(expected), exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task StartAsync_KeyOfAnotherDatabase_IsOneLine()
    {
        var data = Path.Combine(_root, "data");
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(Path.Combine(data, "cluster.db.key"), "short");

        var exception = await Assert.ThrowsAsync<StartupException>(async () =>
        {
            await using var portal = await PortalApplication.StartAsync(RunningPortal.Arguments(data), null, CancellationToken.None);
        });

        Assert.Contains("cluster.db.key must hold 32 bytes", exception.Message, StringComparison.Ordinal);
    }
}
