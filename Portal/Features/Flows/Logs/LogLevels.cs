using System.Text.RegularExpressions;

namespace Portal.Features.Flows.Logs;

/// <summary>How grave a line of a log is; lines that do not say count as information.</summary>
public enum LogLevelFilter
{
    All,
    Info,
    Warning,
    Error,
}

/// <summary>Finds the severity of a line, in the ways in which programs write it.</summary>
internal static partial class LogLevels
{
    private const int Looked = 200;

    public static LogLevelFilter Of(string line)
    {
        // Only the beginning: a message may speak of errors without being one.
        var match = LevelPattern().Match(line.Length > Looked ? line[..Looked] : line);
        if (!match.Success)
        {
            return LogLevelFilter.Info;
        }

        return char.ToUpperInvariant(match.Groups["level"].Value[0]) switch
        {
            'E' or 'F' or 'C' or 'P' => LogLevelFilter.Error,
            'W' => LogLevelFilter.Warning,
            'D' or 'T' or 'V' => LogLevelFilter.All,
            _ => LogLevelFilter.Info,
        };
    }

    // {"LogLevel":"Error"}, level=warn, [ERROR], ERROR:, fail:, and klog's E0102 15:04:05.
    [GeneratedRegex("""(?:(?:"?(?:log)?level"?|severity|lvl)"?\s*[:=]\s*"?|^\S{0,40}\s?\[?|\[)(?<level>critical|crit|fatal|panic|error|err|fail|warning|warn|information|info|debug|dbug|trace|trce|verbose)\b|^(?<level>[EFWID])\d{4} """, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex LevelPattern();
}
