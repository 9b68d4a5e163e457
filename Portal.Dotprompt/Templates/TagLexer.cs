using System.Text;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Templates;

internal enum TokenKind
{
    Id,
    BracketId,
    Separator,
    Assign,
    OpenParen,
    CloseParen,
    Data,
    String,
    Number,
    Boolean,
    Undefined,
    Null,
    OpenParameters,
    Pipe,
    Close,
    CloseTriple,
    CloseRaw,
    Invalid,
    End,
}

/// <summary>A token; its value is the text of names and strings, unquoted, else what is written.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, int End, string Value)
{
    /// <summary>A closing token that begins with <c>~</c>, or <c>}~</c>.</summary>
    public bool Strips { get; init; }
}

/// <summary>The tokens between the braces of a tag, by the rules of Handlebars 4.7 (https://handlebarsjs.com/guide/expressions.html).</summary>
internal sealed class TagLexer(string text)
{
    private readonly HashSet<char> _neverAgain = [];

    public int Position { get; set; }

    /// <summary>Whether a name may end in <c>@</c> and a number: that of a partial, which is pinned to a revision then.</summary>
    public bool AllowsPins { get; set; }

    public Token Peek()
    {
        var start = Position;
        var token = Next();
        Position = start;
        return token;
    }

    public Token Next()
    {
        while (Position < text.Length && JsText.IsWhiteSpace(text[Position]))
        {
            Position++;
        }

        if (Position >= text.Length)
        {
            return new Token(TokenKind.End, text.Length, text.Length, "");
        }

        var start = Position;
        return text[start] switch
        {
            '}' or '~' => Closing(start),
            '(' => Take(TokenKind.OpenParen, 1),
            ')' => Take(TokenKind.CloseParen, 1),
            '=' => Take(TokenKind.Assign, 1),
            '@' => Take(TokenKind.Data, 1),
            '|' => Take(TokenKind.Pipe, 1),
            '/' => Take(TokenKind.Separator, 1),
            '.' => Dots(start),
            '"' or '\'' => Quoted(start),
            '[' => Bracketed(start),
            _ => Word(start),
        };
    }

    private Token Closing(int start)
    {
        var rest = text.AsSpan(start);
        return rest switch
        {
            _ when rest.StartsWith("}}}}") => Take(TokenKind.CloseRaw, 4),
            _ when rest.StartsWith("}~}}") => Take(TokenKind.CloseTriple, 4) with { Strips = true },
            _ when rest.StartsWith("}}}") => Take(TokenKind.CloseTriple, 3),
            _ when rest.StartsWith("~}}") => Take(TokenKind.Close, 3) with { Strips = true },
            _ when rest.StartsWith("}}") => Take(TokenKind.Close, 2),
            _ => Take(TokenKind.Invalid, 1),
        };
    }

    private Token Dots(int start)
    {
        if (At(start + 1) == '.')
        {
            return Take(TokenKind.Id, 2);
        }

        return EndsName(At(start + 1)) ? Take(TokenKind.Id, 1) : Take(TokenKind.Separator, 1);
    }

    private Token Quoted(int start)
    {
        var quote = text[start];
        var value = new StringBuilder();
        for (var i = start + 1; i < text.Length && !_neverAgain.Contains(quote); i++)
        {
            if (text[i] == '\\' && At(i + 1) == quote)
            {
                i++;
            }
            else if (text[i] == quote)
            {
                Position = i + 1;
                return new Token(TokenKind.String, start, Position, value.ToString());
            }

            value.Append(text[i]);
        }

        _neverAgain.Add(quote);
        return Take(TokenKind.Invalid, 1);
    }

    private Token Bracketed(int start)
    {
        var value = new StringBuilder();
        for (var i = start + 1; i < text.Length && !_neverAgain.Contains(']'); i++)
        {
            if (text[i] == '\\' && At(i + 1) is ']' or '\\')
            {
                i++;
            }
            else if (text[i] == ']')
            {
                Position = i + 1;
                return new Token(TokenKind.BracketId, start, Position, value.ToString());
            }

            value.Append(text[i]);
        }

        _neverAgain.Add(']');
        return Take(TokenKind.Invalid, 1);
    }

    private Token Word(int start)
    {
        if (NumberLength(start) is > 0 and var digits && EndsLiteral(At(start + digits)))
        {
            return Take(TokenKind.Number, digits);
        }

        var end = start;
        while (end < text.Length && IsNameCharacter(text[end]))
        {
            end++;
        }

        end = AllowsPins && end > start ? AfterPin(end) : end;
        if (end == start || !EndsName(At(end)))
        {
            return Take(TokenKind.Invalid, Math.Max(1, end - start));
        }

        var word = text.AsSpan(start, end - start);
        if (word is "as" && OpensParameters(end) is > 0 and var pipe)
        {
            return Take(TokenKind.OpenParameters, pipe - start);
        }

        var kind = !EndsLiteral(At(end)) ? TokenKind.Id : word switch
        {
            "true" or "false" => TokenKind.Boolean,
            "undefined" => TokenKind.Undefined,
            "null" => TokenKind.Null,
            _ => TokenKind.Id,
        };
        return Take(kind, end - start);
    }

    private int AfterPin(int end)
    {
        if (At(end) != '@' || !char.IsAsciiDigit(At(end + 1)))
        {
            return end;
        }

        end++;
        while (char.IsAsciiDigit(At(end)))
        {
            end++;
        }

        return end;
    }

    private int NumberLength(int start)
    {
        var end = At(start) == '-' ? start + 1 : start;
        var digits = end;
        while (char.IsAsciiDigit(At(end)))
        {
            end++;
        }

        if (end == digits)
        {
            return 0;
        }

        if (At(end) == '.' && char.IsAsciiDigit(At(end + 1)))
        {
            end++;
            while (char.IsAsciiDigit(At(end)))
            {
                end++;
            }
        }

        return end - start;
    }

    private int OpensParameters(int end)
    {
        var i = end;
        while (JsText.IsWhiteSpace(At(i)))
        {
            i++;
        }

        return i > end && At(i) == '|' ? i + 1 : 0;
    }

    private Token Take(TokenKind kind, int length)
    {
        var start = Position;
        Position = start + length;
        return new Token(kind, start, Position, text.Substring(start, length));
    }

    private char At(int index) => index < text.Length ? text[index] : '\0';

    private static bool EndsName(char c) => c is '=' or '~' or '}' or '/' or '.' or ')' or ']' or '|' || JsText.IsWhiteSpace(c);

    private static bool EndsLiteral(char c) => c is '~' or '}' or ')' or ']' || JsText.IsWhiteSpace(c);

    private static bool IsNameCharacter(char c) => c switch
    {
        '!' or '"' or '#' or (>= '%' and <= ',') or '.' or '/' or (>= ';' and <= '>') or '@' or (>= '[' and <= '^') or '`' or (>= '{' and <= '~') => false,
        _ => !JsText.IsWhiteSpace(c),
    };
}
