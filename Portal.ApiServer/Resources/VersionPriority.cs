using System.Text.RegularExpressions;

namespace Portal.ApiServer.Resources;

/// <summary>Orders API versions as clients prefer them: v2, v1, v1beta2, v1beta1, v1alpha1, then anything else by name.</summary>
internal sealed partial class VersionPriority : IComparer<string>
{
    public static VersionPriority Comparer { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (stabilityX, majorX, minorX) = Rank(x ?? "");
        var (stabilityY, majorY, minorY) = Rank(y ?? "");
        var order = stabilityY.CompareTo(stabilityX);
        order = order != 0 ? order : majorY.CompareTo(majorX);
        order = order != 0 ? order : minorY.CompareTo(minorX);
        return order != 0 ? order : string.CompareOrdinal(x, y);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        var match = Form().Match(version);
        if (!match.Success || !int.TryParse(match.Groups[1].Value, out var major))
        {
            return (0, 0, 0);
        }

        var stability = match.Groups[2].Value switch { "" => 3, "beta" => 2, _ => 1 };
        return (stability, major, int.TryParse(match.Groups[3].Value, out var minor) ? minor : 0);
    }

    [GeneratedRegex("^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
