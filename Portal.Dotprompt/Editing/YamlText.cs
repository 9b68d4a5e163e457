using System.Globalization;
using System.Text;
using Portal.Dotprompt.Documents;

namespace Portal.Dotprompt.Editing;

/// <summary>Writes JSON values as YAML: plain where that is sure to be read back the same, else quoted.</summary>
internal static class YamlText
{
    /// <summary>Words that older YAML readers take for booleans.</summary>
    private static readonly HashSet<string> s_oldBooleans = new(StringComparer.OrdinalIgnoreCase) { "y", "n", "yes", "no", "on", "off" };

    /// <summary>A value on one line.</summary>
    /// <param name="value">Any JSON; null is written <c>null</c>.</param>
    /// <param name="inFlow">Whether it stands between brackets or braces.</param>
    public static string Inline(JsonNode? value, bool inFlow) => value switch
    {
        null => "null",
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => Scalar(text, inFlow),
        JsonValue scalar => scalar.ToJsonString(DotpromptJson.Options),
        JsonArray list => $"[{string.Join(", ", list.Select(item => Inline(item, inFlow: true)))}]",
        JsonObject map => map.Count == 0 ? "{}" : $"{{{string.Join(", ", map.Select(pair => $"{Scalar(pair.Key, inFlow: true)}: {Inline(pair.Value, inFlow: true)}"))}}}",
        _ => throw new ArgumentException("This is not JSON.", nameof(value)),
    };

    /// <summary>A text, plain when it can be, else in double quotes.</summary>
    public static string Scalar(string text, bool inFlow) => IsPlain(text, inFlow) ? text : DoubleQuoted(text);

    /// <summary>A text in the quotes another one has; in double quotes where these cannot hold it.</summary>
    public static string Like(string written, string text, bool inFlow) => written switch
    {
        ['\'', ..] when !text.Any(IsSpecial) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        ['\'' or '"', ..] => DoubleQuoted(text),
        _ => Scalar(text, inFlow),
    };

    /// <summary>A text of several lines as a block; null when a block cannot hold it.</summary>
    public static string? Block(string text, string indent, string newLine)
    {
        var lines = text.Split('\n');
        var ends = text.EndsWith('\n');
        if (lines.Length < 2 || lines[0].Length == 0 || lines[0][0] is ' ' or '\t' || text.EndsWith("\n\n", StringComparison.Ordinal)
            || text.Any(c => c != '\n' && IsSpecial(c)))
        {
            return null;
        }

        var body = (ends ? lines[..^1] : lines).Select(line => line.Length == 0 ? "" : indent + line);
        return $"|{(ends ? "" : "-")}{newLine}{string.Join(newLine, body)}";
    }

    private static string DoubleQuoted(string text)
    {
        var result = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => result.Append('\\').Append(c),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                _ when IsSpecial(c) => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => result.Append(c),
            };
        }

        return result.Append('"').ToString();
    }

    /// <summary>Characters that readers take for line ends, or drop.</summary>
    private static bool IsSpecial(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF';

    /// <summary>Narrower than YAML allows: what is not obviously plain is quoted.</summary>
    private static bool IsPlain(string text, bool inFlow) =>
        text.Length > 0 && (char.IsLetter(text[0]) || text[0] is '_') && text[^1] is not (' ' or ':')
        && text.All(c => char.IsLetterOrDigit(c) || c is ' ' or '_' or '-' or '.' or '/' or '+' or '(' or ')' or '?' or '!' or '=' or ':' or '\'' or ';' or '%' or '$' or '&' or '*'
            || (c == ',' && !inFlow))
        && !text.Contains(": ", StringComparison.Ordinal) && !(inFlow && text.Contains(':', StringComparison.Ordinal))
        && !s_oldBooleans.Contains(text) && YamlScalars.Resolve(text, null, plain: true) is string;
}
