using Microsoft.AspNetCore.Components.Routing;

namespace Portal.Components.Layout;

/// <summary>Marks the page one is on, and of two that begin alike the one that says more.</summary>
public sealed class RailLink : NavLink
{
    protected override bool ShouldMatch(string uriAbsolute)
    {
        var path = new Uri(uriAbsolute).AbsolutePath;
        return base.ShouldMatch(uriAbsolute)
            && !NavigationLink.All.Any(other => Within(path, other.Path) && other.Path.Length > PathOf().Length && Within(other.Path, PathOf()));
    }

    private string PathOf() => AdditionalAttributes?.GetValueOrDefault("href") as string ?? "";

    private static bool Within(string path, string parent) => path == parent || path.StartsWith(parent + "/", StringComparison.Ordinal);
}
