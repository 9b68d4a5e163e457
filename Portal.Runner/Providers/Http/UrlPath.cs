using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>Model names that become part of an address.</summary>
internal static class UrlPath
{
    /// <summary>The name as one segment of a path.</summary>
    /// <exception cref="GenkitException">The name would lead to another path.</exception>
    public static string Segment(string name) => name is "" or "." or ".."
        ? throw new GenkitException(GenkitStatus.InvalidArgument, $"\"{name}\" cannot be part of a model's name.")
        : Uri.EscapeDataString(name);
}
