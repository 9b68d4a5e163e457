using Portal.Dotprompt.Diagnostics;

namespace Portal.Dotprompt.Text;

/// <summary>Turns offsets into lines and columns, with the line ends an editor knows: CRLF, LF and CR.</summary>
internal sealed class LineMap
{
    private readonly List<int> _starts = [0];
    private readonly int _length;

    public LineMap(string text)
    {
        _length = text.Length;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                _starts.Add(i + 1);
            }
        }
    }

    public (int Line, int Column) Position(int offset)
    {
        offset = Math.Clamp(offset, 0, _length);
        var index = _starts.BinarySearch(offset);
        var line = index >= 0 ? index : ~index - 1;
        return (line + 1, offset - _starts[line] + 1);
    }

    /// <summary>The offset of a place; beyond the end of the text or of the lines, the nearest there is.</summary>
    public int Offset(int line, int column)
    {
        var start = _starts[Math.Clamp(line, 1, _starts.Count) - 1];
        return (int)Math.Clamp((long)start + column - 1, 0, _length);
    }

    public TextRange Range(int start, int end)
    {
        var (startLine, startColumn) = Position(start);
        var (endLine, endColumn) = Position(Math.Max(start, end));
        return new TextRange(startLine, startColumn, endLine, endColumn);
    }
}
