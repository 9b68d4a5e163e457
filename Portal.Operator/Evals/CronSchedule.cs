using System.Globalization;

namespace Portal.Operator.Evals;

/// <summary>
/// A schedule as CronJobs have it: five fields (minute, hour, day of month, month, day of week) with lists, ranges, steps and names, one of
/// <c>@hourly @daily @midnight @weekly @monthly @yearly @annually</c>, or <c>@every</c> and a duration such as <c>90s</c> or <c>1h30m</c>.
/// </summary>
public sealed class CronSchedule
{
    private const int MaxYears = 8;

    private static readonly (string Name, int Min, int Max, string[] Names)[] s_fields =
    [
        ("minute", 0, 59, []),
        ("hour", 0, 23, []),
        ("day of month", 1, 31, []),
        ("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        ("day of week", 0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    private static readonly Dictionary<string, string> s_macros = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    private readonly ulong[] _sets = new ulong[5];
    private readonly bool _anyDayOfMonth;
    private readonly bool _anyDayOfWeek;
    private readonly TimeSpan? _every;

    /// <exception cref="FormatException">Names the field and what is wrong with it.</exception>
    public CronSchedule(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith("@every ", StringComparison.OrdinalIgnoreCase))
        {
            _every = Duration(trimmed[7..].Trim());
            return;
        }

        if (trimmed.StartsWith('@') && !s_macros.ContainsKey(trimmed))
        {
            throw new FormatException($"\"{trimmed}\" is not known; use five fields, or {string.Join(", ", s_macros.Keys)}");
        }

        var fields = s_macros.GetValueOrDefault(trimmed, trimmed).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != s_fields.Length)
        {
            throw new FormatException($"it has {fields.Length} fields; give five: minute, hour, day of month, month, day of week");
        }

        for (var field = 0; field < fields.Length; field++)
        {
            _sets[field] = Set(fields[field], s_fields[field]);
        }

        _anyDayOfMonth = fields[2][0] is '*' or '?';
        _anyDayOfWeek = fields[4][0] is '*' or '?';
        if (Next(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero), TimeZoneInfo.Utc) is null)
        {
            throw new FormatException("no day of any year matches it");
        }
    }

    /// <summary>The first time after <paramref name="time"/> by the clocks of <paramref name="zone"/>; a time that a change of clocks leaves out is skipped.</summary>
    /// <returns>Null when there is none within the next years.</returns>
    public DateTimeOffset? Next(DateTimeOffset time, TimeZoneInfo zone)
    {
        if (_every is { } interval)
        {
            return time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond)) + interval;
        }

        var local = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        var candidate = local.AddTicks(-(local.Ticks % TimeSpan.TicksPerMinute)).AddMinutes(1);
        var last = candidate.AddYears(MaxYears);
        while (candidate < last)
        {
            if (!Has(3, candidate.Month) || !IsDay(candidate))
            {
                candidate = candidate.Date.AddDays(1);
            }
            else if (!Has(1, candidate.Hour))
            {
                candidate = candidate.Date.AddHours(candidate.Hour + 1);
            }
            else if (!Has(0, candidate.Minute) || zone.IsInvalidTime(candidate))
            {
                candidate = candidate.AddMinutes(1);
            }
            else
            {
                return new DateTimeOffset(candidate, zone.GetUtcOffset(candidate)).ToUniversalTime();
            }
        }

        return null;
    }

    private bool Has(int field, int value) => (_sets[field] & (1UL << value)) != 0;

    /// <summary>When both days are restricted, either is enough.</summary>
    private bool IsDay(DateTime date)
    {
        var (month, week) = (Has(2, date.Day), Has(4, (int)date.DayOfWeek));
        return _anyDayOfMonth || _anyDayOfWeek ? month && week : month || week;
    }

    private static ulong Set(string text, (string Name, int Min, int Max, string[] Names) field)
    {
        var set = 0UL;
        foreach (var part in text.Split(','))
        {
            var (range, step) = part.Split('/') switch
            {
                [var only] => (only, 1),
                [var from, var by] => (from, Number(by, field, 1, field.Max)),
                _ => throw Wrong(part, field),
            };
            var (first, last) = range is "*" or "?" ? (field.Min, field.Max) : range.Split('-') switch
            {
                [var single] => (Value(single, field), part.Contains('/', StringComparison.Ordinal) ? field.Max : Value(single, field)),
                [var low, var high] => (Value(low, field), Value(high, field)),
                _ => throw Wrong(part, field),
            };
            if (first > last)
            {
                throw Wrong(part, field);
            }

            for (var value = first; value <= last; value += step)
            {
                set |= 1UL << value;
            }
        }

        return set;
    }

    private static int Value(string text, (string Name, int Min, int Max, string[] Names) field)
    {
        var name = Array.IndexOf(field.Names, text.ToLowerInvariant());
        return name >= 0 ? name + field.Min : Number(text, field, field.Min, field.Max);
    }

    private static int Number(string text, (string Name, int Min, int Max, string[] Names) field, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : throw Wrong(text, field);

    private static FormatException Wrong(string text, (string Name, int Min, int Max, string[] Names) field) =>
        new($"\"{text}\" is no {field.Name}; use {field.Min} to {field.Max}");

    private static TimeSpan Duration(string text)
    {
        var (total, number) = (TimeSpan.Zero, "");
        foreach (var character in text)
        {
            if (char.IsAsciiDigit(character) && number.Length < 6)
            {
                number += character;
                continue;
            }

            var unit = character switch { 'h' => TimeSpan.FromHours(1), 'm' => TimeSpan.FromMinutes(1), 's' => TimeSpan.FromSeconds(1), _ => TimeSpan.Zero };
            if (number.Length == 0 || unit == TimeSpan.Zero)
            {
                throw new FormatException($"\"{text}\" is no duration; write it as 90s, 5m or 1h30m");
            }

            total += unit * int.Parse(number, CultureInfo.InvariantCulture);
            number = "";
        }

        return number.Length == 0 && total >= TimeSpan.FromSeconds(1) ? total : throw new FormatException($"\"{text}\" is no duration; write it as 90s, 5m or 1h30m");
    }
}
