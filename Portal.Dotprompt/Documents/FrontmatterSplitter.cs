using System.Text.RegularExpressions;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Documents;

/// <summary>Where the parts of a document are, as offsets into its source.</summary>
internal readonly record struct DocumentParts
{
    public bool HasFrontmatter { get; init; }

    /// <summary>The opening delimiter has no closing one.</summary>
    public bool Unclosed { get; init; }

    /// <summary>Start of the opening delimiter.</summary>
    public int OpenStart { get; init; }

    /// <summary>The YAML between the delimiters.</summary>
    public int YamlStart { get; init; }
    public int YamlEnd { get; init; }

    /// <summary>End of the closing delimiter.</summary>
    public int CloseEnd { get; init; }

    public int BodyStart { get; init; }
    public int BodyEnd { get; init; }
}

/// <summary>Finds the frontmatter. One pass over the text.</summary>
internal static partial class FrontmatterSplitter
{
    private const char ByteOrderMark = '\uFEFF';

    /// <summary>
    /// A byte order mark, blank lines and <c>#</c> lines may stand before the opening <c>---</c>; the closing one may end the file;
    /// nothing need stand between them. The body is trimmed when there is frontmatter, else it is kept as it is.
    /// </summary>
    public static DocumentParts Split(string source)
    {
        var start = source.StartsWith(ByteOrderMark) ? 1 : 0;
        var none = new DocumentParts { BodyStart = start, BodyEnd = source.Length };
        var open = start;
        while (true)
        {
            var end = LineEnd(source, open);
            if (IsDelimiter(source, open, end))
            {
                break;
            }

            if (end == source.Length || !IsPreamble(source, open, end))
            {
                return none;
            }

            open = NextLine(source, end);
        }

        var yaml = NextLine(source, LineEnd(source, open));
        for (var line = yaml; line < source.Length;)
        {
            var end = LineEnd(source, line);
            if (IsDelimiter(source, line, end))
            {
                var (bodyStart, bodyEnd) = JsText.TrimBounds(source, NextLine(source, end), source.Length);
                return new DocumentParts
                {
                    HasFrontmatter = true,
                    OpenStart = open,
                    YamlStart = yaml,
                    YamlEnd = line,
                    CloseEnd = line + 3,
                    BodyStart = bodyStart,
                    BodyEnd = bodyEnd,
                };
            }

            line = NextLine(source, end);
        }

        return none with { Unclosed = true, OpenStart = open, YamlStart = yaml, YamlEnd = source.Length };
    }

    /// <summary>As the reference does it: nothing before the opening delimiter, a line end after the closing one, and not empty.</summary>
    public static DocumentParts SplitStrict(string source)
    {
        var match = StrictPattern().Match(source);
        if (!match.Success || match.Groups["yaml"].Length == 0)
        {
            return new DocumentParts { BodyEnd = source.Length };
        }

        var yaml = match.Groups["yaml"];
        var body = match.Groups["body"];
        var (start, end) = JsText.TrimBounds(source, body.Index, body.Index + body.Length);
        return new DocumentParts
        {
            HasFrontmatter = true,
            YamlStart = yaml.Index,
            YamlEnd = yaml.Index + yaml.Length,
            CloseEnd = body.Index,
            BodyStart = start,
            BodyEnd = end,
        };
    }

    private static bool IsDelimiter(string source, int start, int end) =>
        end - start >= 3 && source.AsSpan(start, 3).SequenceEqual("---") && JsText.IsBlank(source.AsSpan(start + 3, end - start - 3));

    private static bool IsPreamble(string source, int start, int end) =>
        start == end || source[start] == '#' || source.AsSpan(start, end - start).IndexOfAnyExcept(' ', '\t') < 0;

    private static int LineEnd(string source, int start)
    {
        var length = source.AsSpan(start).IndexOfAny('\r', '\n');
        return length < 0 ? source.Length : start + length;
    }

    private static int NextLine(string source, int lineEnd)
    {
        if (lineEnd >= source.Length)
        {
            return source.Length;
        }

        return source[lineEnd] == '\r' && lineEnd + 1 < source.Length && source[lineEnd + 1] == '\n' ? lineEnd + 2 : lineEnd + 1;
    }

    private const string Space = @"[\t\n\v\f\r \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF]*";
    private const string NewLine = @"(?:\r\n|\r|\n)";

    [GeneratedRegex(@"\A---" + Space + NewLine + "(?<yaml>.*?)" + NewLine + "---" + Space + NewLine + @"(?<body>.*)\z", RegexOptions.Singleline)]
    private static partial Regex StrictPattern();
}
