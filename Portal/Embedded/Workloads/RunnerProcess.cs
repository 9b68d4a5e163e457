using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Portal.Embedded.Workloads;

/// <summary>
/// A runner as a child process. It cannot outlive the portal: its standard input is a pipe only the portal holds, and it ends when that closes.
/// A pid file lets the next portal find one that did not.
/// </summary>
internal sealed class RunnerProcess : IDisposable
{
    private const int Sigterm = 15;
    private const int LongestLine = 16 * 1024;

    private readonly Process _process;
    private readonly TimeProvider _timeProvider;

    private RunnerProcess(Process process, Task output, TimeProvider timeProvider)
    {
        _process = process;
        _timeProvider = timeProvider;
        Id = process.Id;
        Exited = WaitAsync(process, output);
    }

    public int Id { get; }

    /// <summary>Completes with the exit code when the process is gone and its output has been read.</summary>
    public Task<int> Exited { get; }

    /// <exception cref="Win32Exception">The system could not start it.</exception>
    public static RunnerProcess Start(ProcessStartInfo start, string pidFile, PodLog log, TimeProvider timeProvider)
    {
        var process = Process.Start(start)!;
        var output = Task.WhenAll(PumpAsync(process.StandardOutput, log), PumpAsync(process.StandardError, log));
        try
        {
            new PidFile(process.Id, process.StartTime.ToUniversalTime(), start.WorkingDirectory).WriteTo(pidFile);
            return new RunnerProcess(process, output, timeProvider);
        }
        catch
        {
            // Nobody would know of it, and the next attempt would start another one.
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Asks it to finish its requests and end; kills it when it has not done so within <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (!Exited.IsCompleted)
        {
            Terminate();
        }

        try
        {
            await Exited.WaitAsync(grace, _timeProvider);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await Exited;
        }
    }

    public void Dispose() => _process.Dispose();

    private void Terminate()
    {
        if (OperatingSystem.IsWindows() || NativeMethods.Kill(Id, Sigterm) != 0)
        {
            _process.StandardInput.Close();
        }
    }

    private static async Task<int> WaitAsync(Process process, Task output)
    {
        await process.WaitForExitAsync();
        await output;
        return process.ExitCode;
    }

    private static async Task PumpAsync(StreamReader reader, PodLog log)
    {
        var buffer = new char[4096];
        var line = new StringBuilder();
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            foreach (var c in buffer.AsSpan(0, read))
            {
                if (c != '\n' && line.Length < LongestLine)
                {
                    line.Append(c);
                    continue;
                }

                log.Append(line.ToString().TrimEnd('\r'));
                line.Clear();
                if (c != '\n')
                {
                    line.Append(c);
                }
            }
        }

        if (line.Length > 0)
        {
            log.Append(line.ToString());
        }
    }

    private static class NativeMethods
    {
        // .NET can only kill; a runner must be asked, so that running calls finish.
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Kill(int pid, int signal);
    }
}
