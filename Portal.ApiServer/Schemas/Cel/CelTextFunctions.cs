using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using static Portal.ApiServer.Schemas.Cel.CelType;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Functions of strings. Positions and lengths count characters (code points).</summary>
internal static class CelTextFunctions
{
    private const int MaxPattern = 10_000;

    public static void Register(CelFunctionTable table)
    {
        OfTexts(table, "contains", Bool, (a, _) => a[0].Contains(a[1], StringComparison.Ordinal), 2);
        OfTexts(table, "startsWith", Bool, (a, _) => a[0].StartsWith(a[1], StringComparison.Ordinal), 2);
        OfTexts(table, "endsWith", Bool, (a, _) => a[0].EndsWith(a[1], StringComparison.Ordinal), 2);
        OfTexts(table, "matches", Bool, (a, budget) => Pattern(a[1], budget).IsMatch(a[0]), 2);
        table.Function("matches", Bool, (a, budget) => CelFunctions.Call("matches", true, a, budget), Text, Text);
        OfTexts(table, "find", Text, (a, budget) => Pattern(a[1], budget).Match(a[0]).Value, 2);
        OfTexts(table, "findAll", ListOf(Text), (a, budget) => Spent([.. Pattern(a[1], budget).Matches(a[0]).Select(match => match.Value)], budget), 2);
        OfTexts(table, "lowerAscii", Text, (a, _) => string.Create(a[0].Length, a[0], (span, text) => Map(text, span, char.IsAsciiLetterUpper, 32)), 1);
        OfTexts(table, "upperAscii", Text, (a, _) => string.Create(a[0].Length, a[0], (span, text) => Map(text, span, char.IsAsciiLetterLower, -32)), 1);
        OfTexts(table, "trim", Text, (a, _) => a[0].Trim(), 1);
        OfTexts(table, "reverse", Text, (a, _) => string.Concat(a[0].EnumerateRunes().Reverse().Select(rune => rune.ToString())), 1);
        OfTexts(table, "split", ListOf(Text), (a, budget) => Spent(Split(a[0], a[1], -1), budget), 2);
        table.Member("split", ListOf(Text), (a, budget) => Spent(Split((string)a[0]!, (string)a[1]!, (long)a[2]!), budget), Text, Text, Int);
        OfTexts(table, "replace", Text, (a, budget) => Replace(a[0], a[1], a[2], -1, budget), 3);
        table.Member("replace", Text, (a, budget) => Replace((string)a[0]!, (string)a[1]!, (string)a[2]!, (long)a[3]!, budget), Text, Text, Text, Int);
        OfTexts(table, "indexOf", Int, (a, _) => CodePoints(a[0], a[0].IndexOf(a[1], StringComparison.Ordinal)), 2);
        OfTexts(table, "lastIndexOf", Int, (a, _) => CodePoints(a[0], a[0].LastIndexOf(a[1], StringComparison.Ordinal)), 2);
        table.Member("charAt", Text, (a, budget) => Slice((string)a[0]!, (long)a[1]!, null, budget, single: true), Text, Int);
        table.Member("substring", Text, (a, budget) => Slice((string)a[0]!, (long)a[1]!, null, budget), Text, Int);
        table.Member("substring", Text, (a, budget) => Slice((string)a[0]!, (long)a[1]!, (long)a[2]!, budget), Text, Int, Int);
        table.Member("join", Text, (a, budget) => Join((CelList)a[0]!, "", budget), ListOf(Text));
        table.Member("join", Text, (a, budget) => Join((CelList)a[0]!, (string)a[1]!, budget), ListOf(Text), Text);
        table.Member("format", Text, (a, budget) => CelFormat.Format((string)a[0]!, (CelList)a[1]!, budget), Text, AnyList);
        Addresses(table);
    }

    public static object Length(string text, CelBudget budget)
    {
        budget.SpendText(text.Length);
        return CodePoints(text, text.Length);
    }

    private static void Addresses(CelFunctionTable table)
    {
        table.Function("isURL", Bool, (a, budget) =>
        {
            budget.SpendText(((string)a[0]!).Length);
            return Uri.TryCreate((string)a[0]!, UriKind.Absolute, out var url) && !url.IsFile;
        }, Text);
        table.Function("isIP", Bool, (a, _) => System.Net.IPAddress.TryParse((string)a[0]!, out var ip) && (((string)a[0]!).Contains(':') || ip.ToString() == (string)a[0]!), Text);
        table.Function("isCIDR", Bool, (a, budget) => System.Net.IPNetwork.TryParse((string)a[0]!, out _), Text);
    }

    /// <summary>A member of a string whose arguments are all strings; what it costs grows with all of them.</summary>
    private static void OfTexts(CelFunctionTable table, string name, CelType result, Func<string[], CelBudget, object> invoke, int parameters) =>
        table.Member(
            name,
            result,
            (a, budget) =>
            {
                var texts = Array.ConvertAll(a, text => (string)text!);
                budget.SpendText(texts.Sum(text => (long)text.Length));
                return invoke(texts, budget);
            },
            [.. Enumerable.Repeat(Text, parameters)]);

    // As RE2: no backtracking, so time grows with the text only.
    private static Regex Pattern(string pattern, CelBudget budget)
    {
        budget.Spend(10 + pattern.Length);
        try
        {
            return pattern.Length <= MaxPattern
                ? new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
                : throw new CelEvaluationException("regular expression is too long");
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            throw new CelEvaluationException($"error parsing regexp: {problem.Message}");
        }
    }

    private static void Map(string text, Span<char> target, Func<char, bool> wanted, int shift)
    {
        for (var i = 0; i < text.Length; i++)
        {
            target[i] = (char)(text[i] + (wanted(text[i]) ? shift : 0));
        }
    }

    private static CelList Spent(IReadOnlyList<object?> items, CelBudget budget)
    {
        budget.Spend(items.Count);
        return CelList.Of(items);
    }

    private static string[] Split(string text, string separator, long limit) => limit switch
    {
        0 => [],
        < 0 or > int.MaxValue => separator.Length == 0 ? [.. text.EnumerateRunes().Select(rune => rune.ToString())] : text.Split(separator),
        _ => text.Split(separator, (int)limit),
    };

    private static string Replace(string text, string old, string with, long limit, CelBudget budget)
    {
        if (old.Length == 0)
        {
            return text;
        }

        var result = new StringBuilder();
        var from = 0;
        for (var done = 0; limit < 0 || done < limit; done++)
        {
            var at = text.IndexOf(old, from, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            budget.SpendText(with.Length + at - from);
            result.Append(text, from, at - from).Append(with);
            from = at + old.Length;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    private static object CodePoints(string text, int end)
    {
        long count = end;
        for (var i = 0; i < end; i++)
        {
            count -= char.IsLowSurrogate(text[i]) ? 1 : 0;
        }

        return count;
    }

    private static string Slice(string text, long from, long? to, CelBudget budget, bool single = false)
    {
        budget.SpendText(text.Length);
        var runes = text.EnumerateRunes().ToArray();
        if (single && from == runes.Length)
        {
            return "";
        }

        var end = single ? from + 1 : to ?? runes.Length;
        return from >= 0 && from <= end && end <= runes.Length
            ? string.Concat(runes[(int)from..(int)end].Select(rune => rune.ToString()))
            : throw new CelEvaluationException($"index out of range: {(to is null || from < 0 || from > runes.Length ? from : end).ToString(CultureInfo.InvariantCulture)}");
    }

    private static string Join(CelList list, string separator, CelBudget budget)
    {
        var texts = new string[list.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = list[i] as string ?? throw new CelEvaluationException("no such overload");
            budget.SpendText(texts[i].Length + separator.Length);
        }

        return string.Join(separator, texts);
    }
}
