using System.Diagnostics;

namespace Portal.Tests.Shared;

/// <summary>A disk of its own that is quickly full. Needs the right to mount: <see cref="SmallDiskFactAttribute"/>.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Part = 4096;

    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("portal-disk-");

    /// <exception cref="InvalidOperationException">It cannot be mounted.</exception>
    public SmallDisk(int kibibytes)
    {
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k,mode=0700", "tmpfs", Path))
        {
            _place.Delete();
            throw new InvalidOperationException("There is no right to mount.");
        }
    }

    /// <summary>Whether this process may make one.</summary>
    public static bool IsPossible { get; } = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Try();

    public string Path => _place.FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Takes what is free, but for <paramref name="left"/> bytes.</summary>
    public void Fill(long left = 0)
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (left == 0 || new DriveInfo(Path).AvailableFreeSpace > left)
            {
                file.Write(new byte[Part]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _place.Delete(recursive: true);
    }

    private static bool Try()
    {
        try
        {
            new SmallDisk(64).Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
