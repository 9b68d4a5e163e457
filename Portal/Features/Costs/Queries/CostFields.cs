using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Portal.Features.Costs.Queries;

/// <summary>Reads the fields of an address one by one and notes their mistakes.</summary>
internal sealed class CostFields(string? query)
{
    private const int LongestZone = 64;
    private static readonly string[] s_formats = [CostAddress.Days, CostAddress.Minutes, "yyyy-MM-ddTHH:mm:ss"];

    private readonly Dictionary<string, StringValues> _fields = QueryHelpers.ParseQuery(query);
    private readonly List<string> _errors = [];

    /// <summary>In the order of <see cref="CostRange"/>.</summary>
    public static IReadOnlyList<string> Ranges { get; } = ["24h", "7d", "month", "custom"];

    public IReadOnlyList<string> Errors => _errors;

    /// <summary>The range; a custom one only when its ends are right.</summary>
    public CostRange Range(DateTime? from, DateTime? to)
    {
        var range = CostRange.Week;
        if (One("range") is { } word)
        {
            var index = Ranges.ToList().IndexOf(word);
            if (index < 0)
            {
                _errors.Add($"range must be one of {string.Join(", ", Ranges)}.");
                return CostRange.Week;
            }

            range = (CostRange)index;
        }
        else if (from is not null || to is not null)
        {
            range = CostRange.Custom;
        }

        if (range == CostRange.Custom && WrongWindow(from, to) is { } error)
        {
            // One that is no time at all was told already.
            if (_errors.Count == 0)
            {
                _errors.Add(error);
            }

            return CostRange.Week;
        }

        return range;
    }

    public DateTime? Time(string field)
    {
        if (One(field) is not { } text)
        {
            return null;
        }

        if (DateTime.TryParseExact(text, s_formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && time.Year is > 2000 and < 2200)
        {
            return time;
        }

        _errors.Add($"{field} must be a day or a time in the zone tz, such as 2026-03-29 or 2026-03-29T10:30.");
        return null;
    }

    public T? Choice<T>(string field) where T : struct, Enum
    {
        if (One(field) is not { } text)
        {
            return null;
        }

        if (Find<T>(text) is { } value)
        {
            return value;
        }

        _errors.Add($"{field} must be one of {Words<T>()}.");
        return null;
    }

    public CostDimension Group()
    {
        if (One("group") is { } text && CostDimensions.Find(text) is null)
        {
            _errors.Add($"group must be one of {Words<CostDimension>()}.");
        }

        return One("group") is { } word ? CostDimensions.Find(word) ?? CostDimension.Flow : CostDimension.Flow;
    }

    public string? Zone()
    {
        if (One("tz") is not { } name)
        {
            return null;
        }

        if (name.Length < LongestZone && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _))
        {
            return name;
        }

        _errors.Add("tz must be the name of a time zone, such as Europe/Berlin or UTC.");
        return null;
    }

    public (CostSort Column, bool Ascending) Sort()
    {
        if (One("sort") is not { } text)
        {
            return (CostSort.Cost, false);
        }

        if (Find<CostSort>(text.TrimStart('-')) is { } column)
        {
            return (column, text[0] != '-');
        }

        _errors.Add($"sort must be one of {Words<CostSort>()}, with a minus before it for the greatest first.");
        return (CostSort.Cost, false);
    }

    public bool AsTable()
    {
        var view = One("view");
        if (view is not (null or "chart" or "table"))
        {
            _errors.Add("view must be chart or table.");
        }

        return view == "table";
    }

    public string? Currency()
    {
        if (One("currency") is not { } code)
        {
            return null;
        }

        if (code.Length == 3 && code.All(char.IsAsciiLetter))
        {
            return code.ToUpperInvariant();
        }

        _errors.Add("currency must be a code of three letters, such as USD.");
        return null;
    }

    public CostFilters Filters() => CostDimensions.All.Aggregate(CostFilters.Empty, (filters, dimension) =>
        ValuesOf(dimension).Aggregate(filters, (sum, value) => sum.With(dimension, value)));

    private static string? WrongWindow(DateTime? from, DateTime? to) => (from, to) switch
    {
        (null, _) or (_, null) => "A custom range takes both from and to, such as from=2026-03-01&to=2026-04-01; to is the end, which does not count.",
        _ when from >= to => "from must be before to.",
        _ when (to - from).Value.TotalDays > CostBuckets.MostDays => $"from and to are more than {CostBuckets.MostDays} days apart.",
        _ => null,
    };

    private static T? Find<T>(string word) where T : struct, Enum =>
        Enum.GetValues<T>().Cast<T?>().FirstOrDefault(value => CostAddress.Word(value!.Value) == word);

    private static string Words<T>() where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Select(CostAddress.Word));

    private IEnumerable<string> ValuesOf(CostDimension dimension)
    {
        var (field, given) = (dimension.Word(), _fields.GetValueOrDefault(dimension.Word()).OfType<string>().Where(value => value.Length > 0).Distinct().ToList());
        if (given.Count > CostFilters.MostValues)
        {
            _errors.Add($"{field} has {given.Count} values; at most {CostFilters.MostValues} are taken.");
            return [];
        }

        var values = new List<string>();
        foreach (var value in given)
        {
            if (value == CostDimensions.None)
            {
                values.Add("");
            }
            else if (value.Length > CostFilters.LongestValue)
            {
                _errors.Add($"{field} is longer than {CostFilters.LongestValue} characters.");
            }
            else if (dimension.PartsOf(value) is null)
            {
                _errors.Add($"{field} must look like {dimension.Example()}.");
            }
            else
            {
                values.Add(value);
            }
        }

        return values;
    }

    // A field given twice counts as the last.
    private string? One(string field) => _fields.TryGetValue(field, out var values) && values is [.., { Length: > 0 } last] ? last : null;
}
