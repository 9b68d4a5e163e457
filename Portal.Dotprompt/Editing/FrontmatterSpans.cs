using Portal.Dotprompt.Documents;

namespace Portal.Dotprompt.Editing;

/// <summary>Where the values of a frontmatter begin and end in the text: the parser's own ends of blocks lie far behind them.</summary>
internal sealed class FrontmatterSpans(string source)
{
    public string NewLine { get; } = source.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    /// <summary>Whether a collection is written between brackets or braces.</summary>
    public bool IsFlow(YamlNode node) => node is YamlMapping or YamlSequence && At(node.Start) is '[' or '{';

    /// <summary>An alias stands for a value elsewhere; anchors and tags would be lost when the value is written anew.</summary>
    public bool IsPlainlyThere(YamlEntry entry) => entry.Value.Start >= entry.Key.End && At(entry.Value.Start) is not ('&' or '!' or '*') && source.AsSpan(entry.Key.End, entry.Value.Start - entry.Key.End).IndexOfAny('&', '!', '*') < 0;

    /// <summary>Behind the last character of a value.</summary>
    public int EndOf(YamlNode node) => node switch
    {
        YamlScalar => node.Start + source.AsSpan(node.Start, Math.Max(0, node.End - node.Start)).TrimEnd().Length,
        YamlMapping { Entries: [.., var last] } when !IsFlow(node) => EndOf(last),
        YamlSequence { Items: [.., var last] } when !IsFlow(node) && last.Start >= node.Start => EndOf(last),
        // The parser tells where the closing bracket begins.
        _ => At(node.End) is ']' or '}' ? node.End + 1 : node.End,
    };

    public int EndOf(YamlEntry entry) => entry.Value.Start >= entry.Key.End ? EndOf(entry.Value) : LineEnd(entry.Key.End);

    public int LineStart(int offset)
    {
        while (offset > 0 && source[offset - 1] is not ('\n' or '\r'))
        {
            offset--;
        }

        return offset;
    }

    /// <summary>Before the line's end characters.</summary>
    public int LineEnd(int offset)
    {
        var length = source.AsSpan(offset).IndexOfAny('\n', '\r');
        return length < 0 ? source.Length : offset + length;
    }

    /// <summary>The first character of the next line.</summary>
    public int NextLine(int offset)
    {
        var end = LineEnd(offset);
        return end == source.Length ? end : source[end] == '\r' && end + 1 < source.Length && source[end + 1] == '\n' ? end + 2 : end + 1;
    }

    /// <summary>What stands before a place in its line when that is only blanks; null when it is more.</summary>
    public string? IndentOf(int offset)
    {
        var before = source[LineStart(offset)..offset];
        return before.AsSpan().TrimStart(' ').Length == 0 ? before : null;
    }

    /// <summary>The blanks before a place, or as many as there are characters before it.</summary>
    public string ColumnOf(int offset) => new(' ', offset - LineStart(offset));

    private char At(int offset) => offset < source.Length ? source[offset] : '\0';
}
