using System.Text.RegularExpressions;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>
/// What recorded placeholders stand for in this run. A numbered one (<c>&lt;uid:1&gt;</c>) is one value throughout a case, and different ones are
/// different values; <c>&lt;time&gt;</c> and the like match anything of their form.
/// </summary>
internal sealed partial class Tokens
{
    public const string Time = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)";

    private static readonly Dictionary<string, string> s_patterns = new(StringComparer.Ordinal)
    {
        ["uid"] = "[^\\s\"/]+",
        ["rv"] = "[0-9]+",
        ["gen"] = "[a-z0-9.-]+",
        ["time"] = $@"\b{Time}",
        ["continue"] = @"\S+",
        ["age"] = @"(?:\d+[ydhms])+|<unknown>",
        ["any"] = ".*",
    };

    private readonly Dictionary<string, string> _values;
    private readonly Dictionary<(string Kind, string Value), string> _names;

    public Tokens()
        : this([], [])
    {
    }

    private Tokens(Dictionary<string, string> values, Dictionary<(string Kind, string Value), string> names) => (_values, _names) = (values, names);

    public Tokens Copy() => new(new(_values, StringComparer.Ordinal), new(_names));

    /// <summary>Null when the text is as recorded, else what differs.</summary>
    public string? Match(string recorded, string actual)
    {
        var found = Placeholder().Matches(recorded);
        if (recorded == actual || found.Count == 0)
        {
            return recorded == actual ? null : $"expected \"{recorded}\", got \"{actual}\"";
        }

        var (pattern, last) = ("^", 0);
        foreach (Match token in found)
        {
            pattern += $"{Regex.Escape(recorded[last..token.Index])}({s_patterns[Kind(token)]})";
            last = token.Index + token.Length;
        }

        var match = Regex.Match(actual, pattern + Regex.Escape(recorded[last..]) + @"\z", RegexOptions.Singleline);
        if (!match.Success)
        {
            return $"expected \"{recorded}\", got \"{actual}\"";
        }

        return found.Select((token, index) => (Token: token, match.Groups[index + 1].Value))
            .Where(pair => pair.Token.Groups["named"].Success)
            .Select(pair => Bind(Kind(pair.Token), pair.Token.Value, pair.Value))
            .FirstOrDefault(problem => problem is not null);
    }

    private static string Kind(Match token) => token.Groups["named"].Success ? token.Groups["named"].Value : token.Groups["plain"].Value;

    private string? Bind(string kind, string token, string value)
    {
        if (_values.TryGetValue(token, out var earlier))
        {
            return earlier == value ? null : $"{token} was {earlier} earlier in this case, now {value}";
        }

        if (_names.TryGetValue((kind, value), out var other))
        {
            return $"{value} already stands for {other}, but {token} was recorded, which is another value";
        }

        (_values[token], _names[(kind, value)]) = (value, token);
        return null;
    }

    [GeneratedRegex("<(?<named>uid|rv|gen):[A-Za-z0-9_-]+>|<(?<plain>time|rv|continue|age|any|uid)>")]
    private static partial Regex Placeholder();
}
