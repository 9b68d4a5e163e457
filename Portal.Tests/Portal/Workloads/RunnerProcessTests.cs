using System.Diagnostics;
using Portal.Embedded.Workloads;

namespace Portal.Tests.Portal.Workloads;

public sealed class RunnerProcessTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("portal-tests-").FullName;
    private readonly PodLog _log;
    private readonly RunnerProbe _probe = new(new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false }));

    public RunnerProcessTests() => _log = new PodLog(Path.Combine(_root, "log.txt"), TimeProvider.System);

    private string PidPath => Path.Combine(_root, "pid.json");

    public void Dispose()
    {
        PidFile.Read(PidPath)?.KillIfOurs();
        _log.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task StopAsync_ReadyRunner_EndsGracefully()
    {
        var (process, port) = await StartReadyAsync();
        using (process)
        {
            await process.StopAsync(TimeSpan.FromSeconds(20));

            Assert.Equal(0, await process.Exited);
            Assert.False(await _probe.SucceedsAsync(port, "/readyz", TimeProvider.System, CancellationToken.None));
        }
    }

    [Fact]
    public void Start_PidFileCannotBeWritten_LeavesNoProcessBehind()
    {
        var start = RunnerCommand.Find().StartInfo(_root, RunnerProbe.FreePort(), new Dictionary<string, string>());

        Assert.ThrowsAny<IOException>(() => RunnerProcess.Start(start, Path.Combine(_root, "missing", "pid.json"), _log, TimeProvider.System));

        Assert.DoesNotContain(Process.GetProcesses(), IsOurs);
    }

    [Fact]
    public void StartInfo_VariablesOfThePortal_StayWithThePortal()
    {
        Environment.SetEnvironmentVariable("PORTAL_TEST_SECRET", "do-not-pass-on");
        var start = RunnerCommand.Find().StartInfo(_root, 1234, new Dictionary<string, string> { ["PORT"] = "8080", ["API_KEY"] = "k" });

        Assert.False(start.Environment.ContainsKey("PORTAL_TEST_SECRET"));
        Assert.Equal(("1234", "k", _root), (start.Environment["PORT"], start.Environment["API_KEY"], start.Environment["GENKIT_ROOT"]));
    }

    [Fact]
    public async Task KillIfOurs_SameProcess_KillsItAndOtherProcessesNever()
    {
        var (process, _) = await StartReadyAsync();
        using (process)
        {
            var pid = PidFile.Read(PidPath)!;
            Assert.False((pid with { StartedAt = pid.StartedAt.AddMinutes(-5) }).KillIfOurs());
            Assert.False((pid with { Root = "/somewhere/else" }).KillIfOurs());
            using var own = Process.GetCurrentProcess();
            Assert.False((pid with { Pid = own.Id, StartedAt = own.StartTime.ToUniversalTime() }).KillIfOurs());
            Assert.False(process.Exited.IsCompleted);

            Assert.True(pid.KillIfOurs());

            Assert.NotEqual(0, await process.Exited);
            Assert.False(pid.KillIfOurs());
        }
    }

    private bool IsOurs(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(_root, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<(RunnerProcess Process, int Port)> StartReadyAsync()
    {
        var root = Path.Combine(_root, "genkit");
        Directory.CreateDirectory(Path.Combine(root, "prompts"));
        await File.WriteAllTextAsync(Path.Combine(root, "config.json"), """{"defaultModel":{"provider":"demo","model":"echo-stream"},"plugin":{"type":"demo"}}""");
        await File.WriteAllTextAsync(Path.Combine(root, "prompts", "hello.prompt"), "Hello");
        var port = RunnerProbe.FreePort();
        var process = RunnerProcess.Start(RunnerCommand.Find().StartInfo(root, port, new Dictionary<string, string>()), PidPath, _log, TimeProvider.System);
        await foreach (var line in _log.ReadAsync(tail: null, follow: true, CancellationToken.None))
        {
            if (line.Text.StartsWith("Listening on", StringComparison.Ordinal))
            {
                break;
            }
        }

        // A probe gives up after a second, which a busy machine may take.
        for (var tries = 1; !await _probe.SucceedsAsync(port, "/readyz", TimeProvider.System, CancellationToken.None); tries++)
        {
            Assert.InRange(tries, 1, 30);
        }

        return (process, port);
    }
}
