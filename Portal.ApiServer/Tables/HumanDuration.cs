using System.Globalization;

namespace Portal.ApiServer.Tables;

/// <summary>Ages as the API server writes them: <c>45s</c>, <c>5m3s</c>, <c>3h</c>, <c>2d4h</c>, <c>1y20d</c>.</summary>
internal static class HumanDuration
{
    /// <summary>Time since an RFC 3339 timestamp; <c>&lt;unknown&gt;</c> when there is none, <c>&lt;invalid&gt;</c> when it is no time.</summary>
    public static string Since(JsonNode? timestamp, DateTimeOffset now)
    {
        if (timestamp is null)
        {
            return "<unknown>";
        }

        return timestamp is JsonValue value && value.TryGetValue(out string? text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Of(now - time)
            : "<invalid>";
    }

    public static string Of(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1)
        {
            return "<invalid>";
        }

        seconds = Math.Max(0, seconds);
        var (minutes, hours) = (seconds / 60, seconds / 3600);
        return (seconds, minutes, hours) switch
        {
            ( < 120, _, _) => $"{seconds}s",
            (_, < 10, _) => Pair(minutes, "m", seconds % 60, "s"),
            (_, < 180, _) => $"{minutes}m",
            (_, _, < 8) => Pair(hours, "h", minutes % 60, "m"),
            (_, _, < 48) => $"{hours}h",
            (_, _, < 24 * 8) => Pair(hours / 24, "d", hours % 24, "h"),
            (_, _, < 24 * 365 * 2) => $"{hours / 24}d",
            (_, _, < 24 * 365 * 8) => Pair(hours / 24 / 365, "y", hours / 24 % 365, "d"),
            _ => $"{hours / 24 / 365}y",
        };
    }

    private static string Pair(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
