using System.Globalization;
using System.Text;

namespace Portal.ApiServer.Schemas.Cel;

internal enum CelTokenKind
{
    End,
    Identifier,
    QuotedIdentifier,
    Literal,
    Symbol,
}

/// <summary>One token. <see cref="Text"/> is the name or symbol, <see cref="Value"/> the value of a literal.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, int Position, string Text, object? Value);

/// <summary>Cuts an expression into tokens.</summary>
internal sealed class CelLexer(string source)
{
    private static readonly string[] s_symbols =
        ["==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "<", ">", "!", "?", ":", "(", ")", "[", "]", "{", "}", ",", "."];

    private int _at;

    /// <exception cref="CelCompileException">What follows is no token.</exception>
    public CelToken Next()
    {
        SkipBlanks();
        var start = _at;
        if (_at >= source.Length)
        {
            return new CelToken(CelTokenKind.End, start, "<EOF>", null);
        }

        var first = source[_at];
        if (StringStart() is { } prefix)
        {
            return new CelToken(CelTokenKind.Literal, start, "", Quoted(prefix));
        }

        if (char.IsAsciiLetter(first) || first == '_')
        {
            while (_at < source.Length && (char.IsAsciiLetterOrDigit(source[_at]) || source[_at] == '_'))
            {
                _at++;
            }

            return Word(start, source[start.._at]);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && _at + 1 < source.Length && char.IsAsciiDigit(source[_at + 1])))
        {
            return new CelToken(CelTokenKind.Literal, start, "", Number());
        }

        if (first == '`')
        {
            var end = source.IndexOf('`', _at + 1);
            if (end <= _at + 1)
            {
                throw Error(start, "an identifier in backticks must be closed and not be empty");
            }

            _at = end + 1;
            return new CelToken(CelTokenKind.QuotedIdentifier, start, source[(start + 1)..end], null);
        }

        var symbol = s_symbols.FirstOrDefault(known => string.CompareOrdinal(source, start, known, 0, known.Length) == 0)
            ?? throw Error(start, $"Syntax error: token recognition error at: '{first}'");
        _at += symbol.Length;
        return new CelToken(CelTokenKind.Symbol, start, symbol, null);
    }

    private static CelToken Word(int start, string word) => word switch
    {
        "true" => new CelToken(CelTokenKind.Literal, start, word, true),
        "false" => new CelToken(CelTokenKind.Literal, start, word, false),
        "null" => new CelToken(CelTokenKind.Literal, start, word, null),
        "in" => new CelToken(CelTokenKind.Symbol, start, word, null),
        _ => new CelToken(CelTokenKind.Identifier, start, word, null),
    };

    private void SkipBlanks()
    {
        while (_at < source.Length)
        {
            if (source[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _at++;
            }
            else if (string.CompareOrdinal(source, _at, "//", 0, 2) == 0)
            {
                var end = source.IndexOf('\n', _at);
                _at = end < 0 ? source.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Letters before the quote of a string literal (r, b), or null when none begins here.</summary>
    private string? StringStart()
    {
        var quote = _at;
        while (quote < source.Length && quote - _at < 2 && source[quote] is 'r' or 'R' or 'b' or 'B')
        {
            quote++;
        }

        return quote < source.Length && source[quote] is '"' or '\'' ? source[_at..quote].ToLowerInvariant() : null;
    }

    private object Quoted(string prefix)
    {
        var start = _at;
        _at += prefix.Length;
        var quote = source[_at].ToString();
        var triple = string.CompareOrdinal(source, _at, new string(quote[0], 3), 0, 3) == 0;
        var delimiter = triple ? new string(quote[0], 3) : quote;
        _at += delimiter.Length;
        var text = new StringBuilder();
        var bytes = prefix.Contains('b', StringComparison.Ordinal);
        while (true)
        {
            if (_at >= source.Length || (!triple && source[_at] is '\n' or '\r'))
            {
                throw Error(start, "Syntax error: a string literal is not closed");
            }

            if (string.CompareOrdinal(source, _at, delimiter, 0, delimiter.Length) == 0)
            {
                _at += delimiter.Length;
                return bytes ? Encoding.UTF8.GetBytes(text.ToString()) : text.ToString();
            }

            if (source[_at] == '\\' && !prefix.Contains('r', StringComparison.Ordinal))
            {
                _at++;
                Escape(text);
            }
            else
            {
                text.Append(source[_at++]);
            }
        }
    }

    private void Escape(StringBuilder text)
    {
        var start = _at - 1;
        var letter = _at < source.Length ? source[_at++] : throw Error(start, "Syntax error: a string literal is not closed");
        switch (letter)
        {
            case '\\' or '\'' or '"' or '`' or '?':
                text.Append(letter);
                return;
            case 'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v':
                text.Append("\a\b\f\n\r\t\v"["abfnrtv".IndexOf(letter, StringComparison.Ordinal)]);
                return;
        }

        var (digits, radix) = letter switch { 'x' or 'X' => (2, 16), 'u' => (4, 16), 'U' => (8, 16), >= '0' and <= '3' => (3, 8), _ => (0, 0) };
        _at -= radix == 8 ? 1 : 0;
        var span = _at + digits <= source.Length ? source.Substring(_at, digits) : "";
        int code;
        try
        {
            code = digits > 0 ? Convert.ToInt32(span, radix) : -1;
        }
        catch (Exception problem) when (problem is FormatException or OverflowException or ArgumentException)
        {
            code = -1;
        }

        if (!Rune.IsValid(code))
        {
            throw Error(start, "Syntax error: not an escape sequence");
        }

        _at += digits;
        text.Append(new Rune(code).ToString());
    }

    private object Number()
    {
        var start = _at;
        if (string.CompareOrdinal(source, _at, "0x", 0, 2) == 0 || string.CompareOrdinal(source, _at, "0X", 0, 2) == 0)
        {
            _at += 2;
            Skip(char.IsAsciiHexDigit);
            return Integer(source[(start + 2).._at], NumberStyles.AllowHexSpecifier, start);
        }

        Skip(char.IsAsciiDigit);
        var real = false;
        if (_at + 1 < source.Length && source[_at] == '.' && char.IsAsciiDigit(source[_at + 1]))
        {
            real = true;
            _at++;
            Skip(char.IsAsciiDigit);
        }

        if (_at < source.Length && source[_at] is 'e' or 'E')
        {
            real = true;
            _at += _at + 1 < source.Length && source[_at + 1] is '+' or '-' ? 2 : 1;
            Skip(char.IsAsciiDigit);
        }

        var text = source[start.._at];
        if (!real)
        {
            return Integer(text, NumberStyles.None, start);
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Error(start, "invalid double literal");
    }

    /// <summary>An int as long; what only fits with a minus before it (2^63) as ulong, like an uint.</summary>
    private object Integer(string digits, NumberStyles styles, int start)
    {
        if (!ulong.TryParse(digits, styles, CultureInfo.InvariantCulture, out var number))
        {
            throw Error(start, "invalid int literal");
        }

        if (_at < source.Length && source[_at] is 'u' or 'U')
        {
            _at++;
            return number;
        }

        return number <= long.MaxValue ? (long)number : number == 1UL << 63 ? CelParser.NegatedOnly : throw Error(start, "invalid int literal");
    }

    private void Skip(Func<char, bool> wanted)
    {
        while (_at < source.Length && wanted(source[_at]))
        {
            _at++;
        }
    }

    private CelCompileException Error(int position, string message) => CelCompileException.At(source, position, message);
}
