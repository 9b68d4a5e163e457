using System.Diagnostics;
using Portal.ApiServer;

namespace Portal.Tests.ApiServer;

/// <summary>A server with a TLS port, and the real kubectl with a home of its own.</summary>
public sealed class KubectlFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kubectl-");

    public TestApi Api { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Api = await TestApi.StartAsync(new ApiServerOptions { SecurePort = 0 });
        await File.WriteAllTextAsync(Path.Combine(_home.FullName, "config"), Api.Server.Kubeconfig);
        var (exit, _, error) = await RunAsync(["create", "-f", "-"], TestApi.ThingDefinition().ToJsonString());
        Assert.True(exit == 0, error);
    }

    public async Task DisposeAsync()
    {
        await Api.DisposeAsync();
        _home.Delete(recursive: true);
    }

    /// <summary>Runs a command that must succeed and returns what it printed.</summary>
    public async Task<string> OkAsync(string arguments, string? input = null)
    {
        var (exit, output, error) = await RunAsync(arguments.Split(' '), input);
        Assert.True(exit == 0, $"kubectl {arguments} ended with {exit}: {error}{output}");
        return output;
    }

    public async Task<(int Exit, string Output, string Error)> RunAsync(string[] arguments, string? input = null, string? editor = null)
    {
        using var process = Start(arguments, editor);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts a command and leaves it running.</summary>
    public Process Start(string[] arguments, string? editor = null)
    {
        var start = new ProcessStartInfo("kubectl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KUBECONFIG"] = Path.Combine(_home.FullName, "config"), ["HOME"] = _home.FullName },
        };
        if (editor is not null)
        {
            start.Environment["EDITOR"] = editor;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("kubectl did not start");
    }
}
