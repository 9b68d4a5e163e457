using System.Globalization;

namespace Portal.Runner.Reflection;

/// <summary>Tells Genkit's tools where the process listens: <c>.genkit/runtimes/&lt;id&gt;.json</c>, gone when the process ends.</summary>
internal sealed class RuntimeFile : IDisposable
{
    private readonly string _path;

    private RuntimeFile(string path) => _path = path;

    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static RuntimeFile Write(ReflectionOptions options, Uri address, DateTimeOffset now)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.ProjectRoot, ".genkit", "runtimes")).FullName;
        var path = Path.Combine(folder, string.Concat(options.RuntimeId.Split(Path.GetInvalidFileNameChars())) + ".json");
        File.WriteAllText(path, new JsonObject
        {
            ["id"] = options.RuntimeId,
            ["pid"] = Environment.ProcessId,
            ["name"] = "genkit-runner",
            ["reflectionServerUrl"] = address.GetLeftPart(UriPartial.Authority),
            ["timestamp"] = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
            ["genkitVersion"] = ReflectionVersion.Name,
            ["reflectionApiSpecVersion"] = ReflectionVersion.Specification,
        }.ToJsonString());
        return new RuntimeFile(path);
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The tools remove files of processes that do not answer.
        }
    }
}
