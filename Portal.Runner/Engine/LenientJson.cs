using System.Globalization;
using System.Text;

namespace Portal.Runner.Engine;

/// <summary>
/// Reads JSON as models write it: JSON5's comments, trailing commas, single quotes, bare keys and numbers, line breaks in strings; and text that was
/// cut off, of which it keeps what is certain: open strings, arrays and objects are closed, a key without a value is dropped.
/// </summary>
internal ref struct LenientJson
{
    private const int MaxDepth = 64;
    private readonly ReadOnlySpan<char> _text;
    private int _position;
    private bool _cut;

    private LenientJson(ReadOnlySpan<char> text) => _text = text;

    private readonly bool AtEnd => _position >= _text.Length;

    /// <summary>Reads one value from the start of <paramref name="text"/>; what follows it does not matter.</summary>
    /// <param name="text">Begins with the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="length">How many characters it takes.</param>
    /// <param name="wasCut">Whether the text ended before the value did.</param>
    public static bool TryRead(ReadOnlySpan<char> text, out JsonNode? value, out int length, out bool wasCut)
    {
        var reader = new LenientJson(text);
        var read = reader.TryValue(0, out value);
        (length, wasCut) = (reader._position, reader._cut);
        return read;
    }

    private bool TryValue(int depth, out JsonNode? value)
    {
        value = null;
        if (depth > MaxDepth || !SkipBlank())
        {
            return false;
        }

        switch (_text[_position])
        {
            case '{':
                return TryObject(depth, out value);
            case '[':
                return TryArray(depth, out value);
            case '"' or '\'':
                var read = TryString(out var text);
                value = text;
                return read;
            default:
                return TryWord(out value);
        }
    }

    private bool TryObject(int depth, out JsonNode? value)
    {
        var members = new JsonObject();
        value = members;
        _position++;
        while (true)
        {
            if (!SkipBlank())
            {
                return _cut;
            }

            if (_text[_position] == '}')
            {
                _position++;
                return true;
            }

            if (!TryKey(out var key))
            {
                return false;
            }

            if (!SkipBlank() || _cut)
            {
                _cut = true;
                return true;
            }

            if (_text[_position++] != ':')
            {
                return false;
            }

            if (!TryValue(depth + 1, out var member))
            {
                return _cut;
            }

            if (!members.TryAdd(key, member))
            {
                return false;
            }

            if (!EndsOrGoesOn('}', out var ended))
            {
                return false;
            }

            if (ended)
            {
                return true;
            }
        }
    }

    private bool TryArray(int depth, out JsonNode? value)
    {
        var items = new JsonArray();
        value = items;
        _position++;
        while (true)
        {
            if (!SkipBlank())
            {
                return _cut;
            }

            if (_text[_position] == ']')
            {
                _position++;
                return true;
            }

            if (!TryValue(depth + 1, out var item))
            {
                return _cut;
            }

            items.Add(item);
            if (!EndsOrGoesOn(']', out var ended))
            {
                return false;
            }

            if (ended)
            {
                return true;
            }
        }
    }

    /// <summary>After a member: a comma, the closing bracket, or the end of the text.</summary>
    private bool EndsOrGoesOn(char close, out bool ended)
    {
        ended = _cut || !SkipBlank();
        if (ended)
        {
            return _cut;
        }

        ended = _text[_position] == close;
        return _text[_position++] == ',' || ended;
    }

    private bool TryKey(out string key)
    {
        if (_text[_position] is '"' or '\'')
        {
            var read = TryString(out var text);
            key = text ?? "";
            return read;
        }

        var start = _position;
        while (!AtEnd && (char.IsLetterOrDigit(_text[_position]) || _text[_position] is '_' or '$'))
        {
            _position++;
        }

        key = _text[start.._position].ToString();
        _cut |= AtEnd;
        return key.Length > 0 && !char.IsDigit(key[0]);
    }

    private bool TryString(out string? text)
    {
        var quote = _text[_position++];
        var builder = new StringBuilder();
        while (!AtEnd && _text[_position] != quote)
        {
            if (_text[_position] != '\\')
            {
                builder.Append(_text[_position++]);
            }
            else if (!TryEscape(builder))
            {
                break;
            }
        }

        _cut |= AtEnd;
        _position++;
        if (_cut && builder.Length > 0 && char.IsHighSurrogate(builder[^1]))
        {
            builder.Length--;
        }

        text = builder.ToString();
        return IsWhole(text);
    }

    /// <returns>False when the text ends within it.</returns>
    private bool TryEscape(StringBuilder builder)
    {
        var code = _position + 1 < _text.Length ? _text[_position + 1] : '\0';
        var digits = code switch { 'u' => 4, 'x' => 2, _ => 0 };
        if (code == '\0' || _position + 2 + digits > _text.Length)
        {
            _position = _text.Length;
            return false;
        }

        if (digits > 0 && ushort.TryParse(_text.Slice(_position + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
        {
            builder.Append((char)unit);
            _position += 2 + digits;
            return true;
        }

        _position += 2;
        if (code != '\n') // an escaped line break goes on with the line
        {
            builder.Append(code switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', '0' => '\0', _ => code });
        }

        return true;
    }

    /// <summary>A number, true, false or null.</summary>
    private bool TryWord(out JsonNode? value)
    {
        var start = _position;
        while (!AtEnd && (char.IsAsciiLetterOrDigit(_text[_position]) || _text[_position] is '.' or '+' or '-'))
        {
            _position++;
        }

        var word = _text[start.._position];
        _cut |= AtEnd;
        foreach (var (name, known) in (ReadOnlySpan<(string, bool?)>)[("true", true), ("false", false), ("null", null)])
        {
            if (word.SequenceEqual(name) || (_cut && word.Length > 0 && name.AsSpan().StartsWith(word)))
            {
                value = known is { } flag ? JsonValue.Create(flag) : null;
                return true;
            }
        }

        return TryNumber(word, out value);
    }

    private static bool TryNumber(ReadOnlySpan<char> word, out JsonNode? value)
    {
        value = null;
        if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            var isHex = long.TryParse(word[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex);
            value = hex;
            return isHex;
        }

        if (decimal.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact))
        {
            value = exact;
            return true;
        }

        var isNumber = double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);
        value = isNumber ? number : null;
        return isNumber;
    }

    /// <summary>Over white space and comments.</summary>
    /// <returns>False at the end of the text.</returns>
    private bool SkipBlank()
    {
        while (!AtEnd)
        {
            var rest = _text[_position..];
            if (char.IsWhiteSpace(rest[0]) || rest[0] == '\uFEFF')
            {
                _position++;
                continue;
            }

            var end = rest.StartsWith("//") ? rest.IndexOf('\n') : rest.StartsWith("/*") ? rest.IndexOf("*/") : -2;
            if (end == -2)
            {
                return true;
            }

            _position = end < 0 ? _text.Length : _position + end + (rest[1] == '*' ? 2 : 1);
        }

        _cut = true;
        return false;
    }

    private static bool IsWhole(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogate(text[index]) && !(index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) && index++ >= 0))
            {
                return false;
            }
        }

        return true;
    }
}
