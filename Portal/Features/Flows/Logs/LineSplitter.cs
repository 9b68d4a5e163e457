using System.Globalization;
using System.Text;

namespace Portal.Features.Flows.Logs;

/// <summary>
/// Makes lines of the bytes of a log, whatever is in it: a line without an end is cut, bytes that are no text become �, control characters and colours go. Memory is
/// bounded by <see cref="LongestLine"/>.
/// </summary>
internal sealed class LineSplitter
{
    public const int LongestLine = 4096;
    private const int LongestTime = 40;

    private readonly byte[] _line = new byte[LongestLine + LongestTime];
    private int _length;
    private bool _cut;

    /// <summary>The lines that these bytes complete.</summary>
    public IEnumerable<LogPiece.Line> Add(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.Span.IndexOf((byte)'\n');
            Keep(end < 0 ? bytes.Span : bytes.Span[..end]);
            if (end < 0)
            {
                yield break;
            }

            yield return Take();
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>What is left without an end; null when there is nothing.</summary>
    public LogPiece.Line? Rest() => _length > 0 ? Take() : null;

    private void Keep(ReadOnlySpan<byte> part)
    {
        var room = Math.Min(part.Length, _line.Length - _length);
        part[..room].CopyTo(_line.AsSpan(_length));
        _length += room;
        _cut |= room < part.Length;
    }

    private LogPiece.Line Take()
    {
        var text = Encoding.UTF8.GetString(_line.AsSpan(0, _length));
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        DateTimeOffset time = default;
        var hasTime = space is > 0 and < LongestTime && DateTimeOffset.TryParse(text.AsSpan(0, space), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
        var line = new LogPiece.Line(hasTime ? time : null, Clean(hasTime ? text[(space + 1)..] : text) + (_cut ? " …" : ""));
        (_length, _cut) = (0, false);
        return line;
    }

    private static string Clean(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (character == '\u001b')
            {
                index = EndOfEscape(text, index);
            }
            else if (character != '\r')
            {
                clean.Append(character == '\t' || !char.IsControl(character) ? character : '·');
            }
        }

        return clean.ToString();
    }

    // ECMA-48: ESC [ parameters, then one letter.
    private static int EndOfEscape(string text, int index)
    {
        var end = index + 1;
        if (end >= text.Length || text[end] != '[')
        {
            return index;
        }

        while (++end < text.Length && text[end] is (>= '0' and <= '?') or (>= ' ' and <= '/'))
        {
        }

        return Math.Min(end, text.Length - 1);
    }
}
