using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner;

/// <summary>The runner as the process that a kubelet or the portal starts.</summary>
public sealed class RunnerProcessTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ContractFolder _folder = ContractFolder.Single("---\nmodel: demo/echo-stream\nconfig:\n  delayMs: 0\n---\nHi")
        .Write("config.json", """{"flowName":"hello"}""");

    [Fact]
    public async Task Run_StandardInputCloses_EndsWithCodeZero()
    {
        using var process = Start("--port", "0", "--exit-with-stdin");
        using var limit = new CancellationTokenSource(s_patience);
        var line = await process.StandardOutput.ReadLineAsync(limit.Token);
        Assert.StartsWith("Listening on http://127.0.0.1:", line, StringComparison.Ordinal);
        using var client = new HttpClient(new SocketsHttpHandler());
        using var response = await client.PostAsync(new Uri(line![13..] + "/hello"), content: null);
        Assert.StartsWith("[demo] ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        process.StandardInput.Close();

        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Run_Terminated_EndsWithCodeZero()
    {
        using var process = Start("--port", "0", "--host", "127.0.0.1");
        using var limit = new CancellationTokenSource(s_patience);
        await process.StandardOutput.ReadLineAsync(limit.Token);

        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Run_NoConfig_EndsWithOneLineAndCodeOne()
    {
        File.Delete(Path.Combine(_folder.Root, "config.json"));

        Assert.Contains("config.json is missing", await FailAsync("--port", "0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PortTaken_EndsWithOneLineAndCodeOne()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        Assert.Contains($"port {port}", await FailAsync("--host", "127.0.0.1", "--port", port), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BadArguments_NamesThemAll()
    {
        var error = await FailAsync("--port", "x", "--nonsense");

        Assert.Contains("--port", error, StringComparison.Ordinal);
        Assert.Contains("--nonsense", error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> FailAsync(params string[] args)
    {
        using var process = Start(args);
        using var limit = new CancellationTokenSource(s_patience);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(1, process.ExitCode);
        return Assert.Single(error.TrimEnd().Split('\n'));
    }

    private Process Start(params string[] args) => Process.Start(new ProcessStartInfo("dotnet",
        [Path.Combine(AppContext.BaseDirectory, "Portal.Runner.dll"), "--root", _folder.Root, .. args])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
