namespace Portal.Runner.Providers;

/// <summary>
/// Credentials from files, one a key, read anew each time so that a rotated Secret is seen. The environment is not consulted,
/// but for <paramref name="environmentKeys"/>.
/// </summary>
/// <param name="directory">Where the files are.</param>
/// <param name="environmentKeys">Keys that hold no secret (addresses) and may come from the environment.</param>
public sealed class DirectoryCredentials(string directory, IReadOnlyCollection<string> environmentKeys) : ICredentials
{
    public string Place => directory;

    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    public string? Find(string key)
    {
        if (key.AsSpan().IndexOfAny('/', '\\', '\0') >= 0 || key is "." or "..")
        {
            return null;
        }

        var file = Path.Combine(directory, key);
        if (File.Exists(file))
        {
            return File.ReadAllText(file).Trim();
        }

        return environmentKeys.Contains(key) ? Environment.GetEnvironmentVariable(key) : null;
    }
}
