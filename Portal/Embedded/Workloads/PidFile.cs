using System.Diagnostics;

namespace Portal.Embedded.Workloads;

/// <summary>Which process serves a pod. Pids are used again, so the start time and the directory tell whether it is still the same one.</summary>
internal sealed record PidFile(int Pid, DateTime StartedAt, string Root)
{
    // The system's clock ticks and the boot time are rounded differently by each reader.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(2);

    public void WriteTo(string path) => DataDirectory.WritePrivate(path, JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>Null when there is no such file, or it is not one of ours.</summary>
    public static PidFile? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<PidFile>(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Kills the process when it still runs and really is the one that was started; true when it did.</summary>
    public bool KillIfOurs()
    {
        try
        {
            using var process = Process.GetProcessById(Pid);
            if ((process.StartTime.ToUniversalTime() - StartedAt).Duration() > s_tolerance || !MentionsRoot())
            {
                return false;
            }

            process.Kill(entireProcessTree: true);
            process.WaitForExit(TimeSpan.FromSeconds(5));
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private bool MentionsRoot()
    {
        var commandLine = $"/proc/{Pid}/cmdline";
        return !OperatingSystem.IsLinux() ||
            (File.Exists(commandLine) && File.ReadAllText(commandLine).Split('\0').Contains(Root, StringComparer.Ordinal));
    }
}
