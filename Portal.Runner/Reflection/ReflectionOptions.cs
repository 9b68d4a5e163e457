namespace Portal.Runner.Reflection;

/// <summary>How Genkit's development tools reach this process; only in development, <c>GENKIT_ENV=dev</c>.</summary>
internal sealed record ReflectionOptions
{
    /// <summary>Name of this process for the tools.</summary>
    public required string RuntimeId { get; init; }

    /// <summary>Address of the tools' server, which this process connects to; null when the tools connect to this process.</summary>
    public Uri? Server { get; init; }

    /// <summary>First loopback port that is tried; the hundred after it follow.</summary>
    public int Port { get; init; } = 3100;

    /// <summary>Folder whose <c>.genkit/runtimes</c> the tools look into.</summary>
    public required string ProjectRoot { get; init; }

    /// <summary>Null outside development.</summary>
    public static ReflectionOptions? Read(Func<string, string?> environment, string workingDirectory)
    {
        if (environment("GENKIT_ENV") != "dev")
        {
            return null;
        }

        var port = int.TryParse(environment("GENKIT_REFLECTION_PORT"), out var given) && given is >= 0 and <= ushort.MaxValue ? given : 3100;
        return new ReflectionOptions
        {
            RuntimeId = environment("GENKIT_RUNTIME_ID") is { Length: > 0 } id ? id : $"{Environment.ProcessId}-{Guid.NewGuid():N}",
            Server = Uri.TryCreate(environment("GENKIT_REFLECTION_V2_SERVER"), UriKind.Absolute, out var server) && server.Scheme is "ws" or "wss" ? server : null,
            Port = port,
            ProjectRoot = FindProject(workingDirectory),
        };
    }

    /// <summary>The same search as the tools': the nearest folder with a file that marks a project to them, else where the process runs.</summary>
    private static string FindProject(string start)
    {
        string[] markers = ["package.json", "go.mod", "pyproject.toml", "requirements.txt", "pom.xml", "build.gradle", "build.gradle.kts", "pubspec.yaml"];
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (markers.Any(marker => File.Exists(Path.Combine(folder.FullName, marker))))
            {
                return folder.FullName;
            }
        }

        return start;
    }
}
