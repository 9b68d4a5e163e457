using System.Globalization;

namespace Portal.Features.Costs.Calls;

/// <summary>Where a call is in the list of calls: <c>second.series.id</c>.</summary>
internal sealed record CallPlace(long Second, long SeriesId, string CallId)
{
    private const int LongestId = 300;

    /// <exception cref="FormatException">It is none.</exception>
    public static CallPlace Parse(string text)
    {
        var parts = text.Split('.', 3);
        return parts.Length == 3 && parts[2].Length is > 0 and <= LongestId
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var second)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var series)
            ? new CallPlace(second, series, parts[2])
            : throw new FormatException("after must be what the page before named as next.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Second}.{SeriesId}.{CallId}");
}
