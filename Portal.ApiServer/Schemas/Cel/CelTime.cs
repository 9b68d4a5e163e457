using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Durations as Go writes them (<c>1h30m</c>) and RFC 3339 times.</summary>
internal static partial class CelTime
{
    private static readonly Dictionary<string, decimal> s_ticks = new(StringComparer.Ordinal)
    {
        ["h"] = TimeSpan.TicksPerHour,
        ["m"] = TimeSpan.TicksPerMinute,
        ["s"] = TimeSpan.TicksPerSecond,
        ["ms"] = TimeSpan.TicksPerMillisecond,
        ["us"] = TimeSpan.TicksPerMicrosecond,
        ["µs"] = TimeSpan.TicksPerMicrosecond,
        ["ns"] = 0.01m,
    };

    /// <exception cref="CelEvaluationException">It is no duration.</exception>
    public static TimeSpan ParseDuration(string text)
    {
        var match = DurationText().Match(text);
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        var problem = new CelEvaluationException($"type conversion error from 'string' to 'duration': \"{Excerpt(text)}\"");
        if (!match.Success)
        {
            throw problem;
        }

        var ticks = 0m;
        try
        {
            for (var i = 0; i < match.Groups[3].Captures.Count; i++)
            {
                ticks += decimal.Parse(match.Groups[2].Captures[i].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)
                    * s_ticks[match.Groups[3].Captures[i].Value];
            }

            return TimeSpan.FromTicks((long)(match.Groups[1].Value == "-" ? -ticks : ticks));
        }
        catch (OverflowException)
        {
            throw problem;
        }
    }

    /// <exception cref="CelEvaluationException">It is no time.</exception>
    public static DateTimeOffset ParseTimestamp(string text) =>
        text.Length >= 10 && char.IsAsciiDigit(text[0])
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new CelEvaluationException($"type conversion error from 'string' to 'google.protobuf.Timestamp': \"{Excerpt(text)}\"");

    /// <summary>A time as a clock in <paramref name="zone"/> (an IANA name or <c>+01:00</c>) shows it.</summary>
    /// <exception cref="CelEvaluationException">There is no such zone.</exception>
    public static DateTimeOffset In(DateTimeOffset time, string zone)
    {
        var sign = zone.StartsWith('-') ? -1 : 1;
        if (TimeSpan.TryParseExact(zone.TrimStart('+', '-'), @"hh\:mm", CultureInfo.InvariantCulture, out var offset) && offset < TimeSpan.FromHours(14))
        {
            return time.ToOffset(offset * sign);
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var known)
            ? TimeZoneInfo.ConvertTime(time, known)
            : throw new CelEvaluationException($"unknown time zone {Excerpt(zone)}");
    }

    private static string Excerpt(string text) => text.Length > 40 ? text[..40] + "..." : text;

    [GeneratedRegex(@"^([-+]?)(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|ms|m|s|us|µs|ns))+$", RegexOptions.CultureInvariant)]
    private static partial Regex DurationText();
}
