namespace Portal.Embedded;

/// <summary>
/// The portal's data directory, held for this process alone: a second portal on the same directory is refused.
/// The lock goes with the process, also under <c>kill -9</c>.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private const string FlowsName = "flows";

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock)
    {
        Root = path;
        _lock = @lock;
    }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    public string ClusterDatabase => Path.Combine(Root, "cluster.db");
    public string Kubeconfig => Path.Combine(Root, "kubeconfig");
    public string Flows => Path.Combine(Root, FlowsName);

    /// <summary>Usage of local runners that has not reached <c>portal.db</c> yet.</summary>
    public string Usage => Path.Combine(Root, "usage");

    /// <summary>Keys and latest head of the audit log.</summary>
    public string Audit => Path.Combine(Root, "audit");
    public string Certificates => Path.Combine(Root, "pki");

    /// <summary>Creates the directory where it is missing, proves that it can be written, and locks it.</summary>
    /// <exception cref="StartupException">It cannot be created or written, or another portal holds it.</exception>
    public static DataDirectory Open(string path)
    {
        try
        {
            CreatePrivate(path);
            CreatePrivate(Path.Combine(path, FlowsName));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(Unwritable(path, exception), exception);
        }

        var lockFile = Path.Combine(path, "portal.lock");
        try
        {
            return new DataDirectory(path, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException) && File.Exists(lockFile) && IsLocked(exception))
        {
            throw new StartupException(
                $"Another portal is running on the data directory {path} (Portal:DataDirectory). Stop it, or give this one a directory of its own.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(Unwritable(path, exception), exception);
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Creates a directory that only its owner may enter; an existing one keeps its mode.</summary>
    internal static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Writes a file that only its owner may read, and puts it in place in one step.</summary>
    internal static void WritePrivate(string path, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var fresh = path + ".new";
        File.Delete(fresh);
        using (var stream = new FileStream(fresh, options))
        {
            stream.Write(content);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Makes an empty file that only its owner may read where there is none; where none can be made, its user will say why.</summary>
    internal static void ReservePrivate(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        try
        {
            WritePrivate(path, []);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Told by whoever opens the file.
        }
    }

    // EWOULDBLOCK from flock (11 on Linux, 35 on macOS), or a sharing violation on Windows.
    private static bool IsLocked(IOException exception) => (exception.HResult & 0xFFFF) is 11 or 35 or 32;

    private static string Unwritable(string path, Exception exception) =>
        $"The data directory {path} (Portal:DataDirectory) cannot be written: {exception.Message} Give the portal a directory it may write to.";
}
