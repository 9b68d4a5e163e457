namespace Portal.ApiServer.Discovery;

/// <summary>What <c>/version</c> says: the Kubernetes version whose behaviour this server follows.</summary>
internal static class ServerVersion
{
    private const string Major = "1";
    private const string Minor = "36";

    public static JsonObject ToJson() => new()
    {
        ["major"] = Major,
        ["minor"] = Minor,
        ["emulationMajor"] = Major,
        ["emulationMinor"] = Minor,
        ["minCompatibilityMajor"] = Major,
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = $"v{Major}.{Minor}.2+genkit-portal",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "dotnet",
        ["platform"] = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier,
    };
}
