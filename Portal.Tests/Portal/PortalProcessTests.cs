using System.Diagnostics;

namespace Portal.Tests.Portal;

/// <summary>The portal as a process of its own: what remains when it ends badly.</summary>
public sealed class PortalProcessTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("portal-tests-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Kill_FlowRunning_LeavesNoRunner()
    {
        using var portal = Start();
        await ReadUntilAsync(portal, "GenkitPortal is running at http://");
        var runner = await WaitForRunnerAsync();

        portal.Kill();
        await portal.WaitForExitAsync();

        await runner.WaitForExitAsync().WaitAsync(RunningPortal.Patience);
        runner.Dispose();
    }

    [Fact]
    public async Task Main_MistakeInTheSetUp_WritesOneLineToStandardErrorAndEndsWithOne()
    {
        using var portal = Start("--Portal:ApiServer:Port", "many");
        var error = portal.StandardError.ReadToEndAsync();
        var output = portal.StandardOutput.ReadToEndAsync();
        await portal.WaitForExitAsync().WaitAsync(RunningPortal.Patience);

        Assert.Equal(1, portal.ExitCode);
        Assert.Equal("Portal:ApiServer:Port is 'many'; it must be a port from 1 to 65535, or 0 for any free port.", (await error).TrimEnd());
        Assert.Empty(await output);
    }

    private Process Start(params string[] more)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Portal.dll"), .. RunningPortal.Arguments(_data), .. more])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static async Task ReadUntilAsync(Process process, string text)
    {
        using var timeout = new CancellationTokenSource(RunningPortal.Patience);
        while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The portal ended before it said \"{text}\": {await process.StandardError.ReadToEndAsync(timeout.Token)}");
    }

    // The pid file appears when the runner has been started.
    private async Task<Process> WaitForRunnerAsync()
    {
        using var timeout = new CancellationTokenSource(RunningPortal.Patience);
        while (true)
        {
            var flows = Path.Combine(_data, "flows");
            var file = Directory.Exists(flows) ? Directory.EnumerateFiles(flows, "pid.json", SearchOption.AllDirectories).FirstOrDefault() : null;
            if (file is not null && global::Portal.Embedded.Workloads.PidFile.Read(file) is { } pid)
            {
                return Process.GetProcessById(pid.Pid);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
    }
}
