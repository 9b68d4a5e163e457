using Portal.Tests.Shared;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>Where the recorded exchanges lie, and which there are.</summary>
internal static class Recordings
{
    public static string Path(params string[] parts) => Repository.Path(["Portal.Tests", "ApiServer", "Conformance", .. parts]);

    public static IEnumerable<string> Areas() => Directory.EnumerateDirectories(Path("cases")).Select(directory => System.IO.Path.GetFileName(directory)!);

    public static IEnumerable<string> Cases(string area) => Directory.EnumerateFiles(Path("cases", area), "*.json")
        .Select(file => System.IO.Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);

    public static JsonArray Kubectl() => JsonNode.Parse(File.ReadAllText(Path("kubectl-matrix.json")))!["entries"]!.AsArray();
}
