using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Features.Releases.Policies;

/// <summary>
/// Freezes as people write them, one a line: <c>2026-12-20T00:00Z/2027-01-02T00:00Z Holidays</c>, or weekly <c>Fri,Sat 18:00-08:00 Europe/Berlin Weekend</c>.
/// </summary>
public static partial class FreezeText
{
    public static string Write(IEnumerable<FreezeWindow> freezes) => string.Join('\n', freezes.Select(Write));

    public static string Write(FreezeWindow freeze) => freeze.Days.Count == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{freeze.From?.UtcDateTime:yyyy-MM-dd'T'HH:mm'Z'}/{freeze.To?.UtcDateTime:yyyy-MM-dd'T'HH:mm'Z'} {freeze.Reason}").TrimEnd()
        : string.Create(CultureInfo.InvariantCulture,
            $"{string.Join(',', freeze.Days.Select(day => day.ToString()[..3]))} {freeze.Start:HH:mm}-{freeze.End:HH:mm} {freeze.TimeZone} {freeze.Reason}").TrimEnd();

    /// <summary>The windows of a text, or what is wrong with the first line that cannot be read.</summary>
    public static (IReadOnlyList<FreezeWindow> Freezes, string? Problem) Read(string text)
    {
        var freezes = new List<FreezeWindow>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if ((ReadOnce(line) ?? ReadWeekly(line)) is not { } freeze)
            {
                return ([], $"“{line}” cannot be read. Write 2026-12-20T00:00Z/2027-01-02T00:00Z Holidays, or Fri,Sat 18:00-08:00 Europe/Berlin Weekend.");
            }

            if (freeze.Check() is { } problem)
            {
                return ([], $"“{line}”: {problem}.");
            }

            freezes.Add(freeze);
        }

        return (freezes, null);
    }

    private static FreezeWindow? ReadOnce(string line) => Once().Match(line) is { Success: true } match
        && TimeOf(match.Groups[1].Value) is { } from && TimeOf(match.Groups[2].Value) is { } to
        ? new FreezeWindow { From = from, To = to, Reason = match.Groups[3].Value.Trim() } : null;

    private static FreezeWindow? ReadWeekly(string line)
    {
        if (Weekly().Match(line) is not { Success: true } match || !TimeOnly.TryParse(match.Groups[2].Value, CultureInfo.InvariantCulture, out var start)
            || !TimeOnly.TryParse(match.Groups[3].Value, CultureInfo.InvariantCulture, out var end))
        {
            return null;
        }

        var days = match.Groups[1].Value.Split(',').Select(word => Array.FindIndex(
            CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedDayNames, name => name.Equals(word, StringComparison.OrdinalIgnoreCase))).ToList();
        return days.Contains(-1) ? null : new FreezeWindow
        {
            Days = [.. days.Select(day => (DayOfWeek)day)],
            Start = start,
            End = end,
            TimeZone = match.Groups[4].Value,
            Reason = match.Groups[5].Value.Trim(),
        };
    }

    private static DateTimeOffset? TimeOf(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    [GeneratedRegex(@"^(\S+)/(\S+)( .*)?$")]
    private static partial Regex Once();

    [GeneratedRegex(@"^([A-Za-z,]+) (\d\d?:\d\d)-(\d\d?:\d\d) (\S+)( .*)?$")]
    private static partial Regex Weekly();
}
