namespace Portal.Runner.Tools;

/// <summary>The tool files of a flow.</summary>
internal static class ToolFiles
{
    private const string Extension = ".json";

    /// <param name="directory">Where they are; it need not exist.</param>
    /// <param name="rebase">Turns a path of a pod into one of this machine.</param>
    /// <exception cref="JsonException">A file has another shape; the message names it.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<ToolDescriptor> Read(string directory, Func<string, string> rebase) => !Directory.Exists(directory)
        ? []
        : [.. Directory.EnumerateFiles(directory, "*" + Extension).Where(static file => !Path.GetFileName(file).StartsWith('.'))
            .Order(StringComparer.Ordinal).Select(file => ReadFile(file, rebase))];

    private static ToolDescriptor ReadFile(string file, Func<string, string> rebase)
    {
        try
        {
            var tool = ToolDescriptor.Read(JsonNode.Parse(File.ReadAllBytes(file)), Path.GetFileName(file)[..^Extension.Length]);
            return (tool.Settings["headersSecretRef"] as JsonObject)?["dir"] is JsonValue value && value.TryGetValue<string>(out var dir)
                ? tool with { Headers = () => ReadHeaders(rebase(dir)) }
                : tool;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // A JsonObject finds a duplicate key, an ArgumentException, only when it is looked into.
            throw new JsonException($"{file} is not a tool: {exception.Message}", exception);
        }
    }

    /// <summary>One file a header. A Secret's volume is a tree of links; names with a leading dot are the volume's own.</summary>
    private static List<KeyValuePair<string, string>> ReadHeaders(string directory) =>
        [.. Directory.EnumerateFiles(directory).Select(static file => (File: file, Name: Path.GetFileName(file))).Where(static item => !item.Name.StartsWith('.'))
            .OrderBy(static item => item.Name, StringComparer.Ordinal)
            .Select(static item => KeyValuePair.Create(item.Name, File.ReadAllText(item.File).Trim()))];
}
