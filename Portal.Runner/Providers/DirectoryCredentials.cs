using Portal.Runner.Engine;

namespace Portal.Runner.Providers;

/// <summary>
/// Credentials from files, one a key, read anew each time so that a rotated Secret is seen: the kubelet swaps the folder behind
/// the files, so that each reading finds either all old or all new. The environment is not consulted, but for <paramref name="environmentKeys"/>.
/// </summary>
/// <param name="directory">Where the files are.</param>
/// <param name="environmentKeys">Keys that hold no secret (addresses, regions) and may come from the environment.</param>
public sealed class DirectoryCredentials(string directory, IReadOnlyCollection<string> environmentKeys) : ICredentials
{
    private const long MaxBytes = 1024 * 1024;

    public string Place => directory;

    /// <exception cref="GenkitException">The file is there and cannot be read, or is too large for a credential. Its content is not told.</exception>
    public string? Find(string key)
    {
        if (key.AsSpan().IndexOfAny('/', '\\', '\0') >= 0 || key is "" or "." or "..")
        {
            return null;
        }

        return Read(key) ?? (environmentKeys.Contains(key) ? Environment.GetEnvironmentVariable(key) : null);
    }

    private string? Read(string key)
    {
        var file = Path.Combine(directory, key);
        try
        {
            // A missing file is common (keys are tried in order) and no reason for an exception.
            var info = new FileInfo(file);
            return !info.Exists ? null
                : info.Length <= MaxBytes ? File.ReadAllText(file).Trim()
                : throw Unreadable(key, "it is too large for a credential", null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // gone since
        }
        catch (UnauthorizedAccessException exception)
        {
            throw Unreadable(key, "permission is denied", exception);
        }
        catch (IOException exception)
        {
            throw Unreadable(key, "the file system refuses", exception);
        }
    }

    private GenkitException Unreadable(string key, string reason, Exception? inner) =>
        new(GenkitStatus.Unauthenticated, $"The credential {key} in {directory} cannot be read: {reason}.", inner);
}
