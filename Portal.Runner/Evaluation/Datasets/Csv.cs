using System.Text;

namespace Portal.Runner.Evaluation.Datasets;

/// <summary>Reads RFC 4180: commas (or another mark), quotes that double, line ends of either kind; blank lines do not count.</summary>
public static class Csv
{
    /// <summary>Records with the number of the line each begins at, from 1.</summary>
    /// <exception cref="FormatException">A quote is not closed, or text follows a closed one; names the line.</exception>
    public static IEnumerable<(int Line, List<string> Fields)> Read(string text, char separator = ',')
    {
        var (position, line) = (0, 1);
        while (position < text.Length)
        {
            var start = line;
            List<string> fields = [];
            while (ReadField(text, separator, ref position, ref line, fields))
            {
            }

            if (fields is not [""])
            {
                yield return (start, fields);
            }
        }
    }

    /// <summary>False when the field was the record's last.</summary>
    private static bool ReadField(string text, char separator, ref int position, ref int line, List<string> fields)
    {
        if (position < text.Length && text[position] == '"')
        {
            fields.Add(ReadQuoted(text, ref position, ref line));
        }
        else
        {
            var length = text.AsSpan(position).IndexOfAny(separator, '\r', '\n');
            var end = length < 0 ? text.Length : position + length;
            fields.Add(text[position..end]);
            position = end;
        }

        if (position >= text.Length)
        {
            return false;
        }

        var next = text[position++];
        if (next == '\r' && position < text.Length && text[position] == '\n')
        {
            position++;
        }

        line += next == separator ? 0 : 1;
        return next switch
        {
            _ when next == separator => true,
            '\r' or '\n' => false,
            _ => throw new FormatException($"line {line - 1}: text after a closing quote; a quote inside a quoted field is written twice"),
        };
    }

    private static string ReadQuoted(string text, ref int position, ref int line)
    {
        var (opened, value) = (line, new StringBuilder());
        for (position++; position < text.Length; position++)
        {
            var character = text[position];
            if (character == '"' && (position + 1 >= text.Length || text[position + 1] != '"'))
            {
                position++;
                return value.ToString();
            }

            position += character == '"' ? 1 : 0;
            line += character == '\n' ? 1 : 0;
            value.Append(character);
        }

        throw new FormatException($"line {opened}: a quoted field is not closed");
    }
}
