using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Templates;

internal enum TagKind
{
    Content,
    Comment,
    Mustache,
    Partial,
    OpenBlock,
    OpenInverse,
    OpenPartialBlock,
    OpenInline,
    Else,
    ElseChain,
    Close,
    RawBlock,
}

/// <summary>One tag, or the text between two tags.</summary>
internal sealed record Tag(TagKind Kind, int Start, int End)
{
    public Strip Strip { get; init; }
    public Call? Call { get; init; }
    public IReadOnlyList<string> BlockParameters { get; init; } = [];

    /// <summary>Text of content, or of a raw block.</summary>
    public string Text { get; init; } = "";
}

/// <summary>
/// Cuts a template into tags and text, by the rules of Handlebars 4.7. A malformed tag is reported and skipped. Linear in the length of the text;
/// stops after <see cref="MaxErrors"/> errors.
/// </summary>
internal sealed class TemplateScanner(string text, List<TemplateError> errors)
{
    public const int MaxErrors = 100;

    private readonly TagLexer _lexer = new(text);
    private readonly List<Tag> _tags = [];
    private int _position;

    public List<Tag> Scan()
    {
        while (_position < text.Length && errors.Count < MaxErrors)
        {
            var open = text.IndexOf("{{", _position, StringComparison.Ordinal);
            if (open < 0)
            {
                AddContent(_position, text.Length);
                break;
            }

            var isEscaped = open > _position && text[open - 1] == '\\';
            var isEscapedTwice = isEscaped && open - 1 > _position && text[open - 2] == '\\';
            AddContent(_position, isEscaped ? open - 1 : open);
            if (isEscaped && !isEscapedTwice)
            {
                var end = EndOfEscaped(open);
                AddContent(open, end);
                _position = end;
                continue;
            }

            ScanTag(open);
        }

        return _tags;
    }

    /// <summary>Escaped braces are text up to the next braces, with the backslashes before those left to them.</summary>
    private int EndOfEscaped(int open)
    {
        var next = text.IndexOf("{{", Math.Min(open + 2, text.Length), StringComparison.Ordinal);
        if (next < 0)
        {
            return text.Length;
        }

        for (var i = 0; i < 2 && next - 1 >= open + 2 && text[next - 1] == '\\'; i++)
        {
            next--;
        }

        return next;
    }

    private void ScanTag(int open)
    {
        try
        {
            if (text.AsSpan(open).StartsWith("{{{{"))
            {
                ScanRawBlock(open);
                return;
            }

            var cursor = open + 2;
            var strips = At(cursor) == '~';
            cursor += strips ? 1 : 0;
            if (At(cursor) == '!')
            {
                ScanComment(open, cursor, strips);
                return;
            }

            _tags.Add(ReadTag(open, cursor, strips));
            _position = _lexer.Position;
        }
        catch (TemplateSyntaxException exception)
        {
            Recover(open, exception);
        }
    }

    private Tag ReadTag(int open, int cursor, bool strips)
    {
        var (kind, length) = At(cursor) switch
        {
            '>' => (TagKind.Partial, 1),
            '#' when At(cursor + 1) == '>' => (TagKind.OpenPartialBlock, 2),
            '#' when At(cursor + 1) == '*' => (TagKind.OpenInline, 2),
            '#' => (TagKind.OpenBlock, 1),
            '/' => (TagKind.Close, 1),
            '^' => (TagKind.OpenInverse, 1),
            '{' or '&' => (TagKind.Mustache, 1),
            '*' => throw new TemplateSyntaxException(
                "unknown-helper", "There are no decorators but {{#*inline \"name\"}}…{{/inline}}.", open, cursor + 1),
            _ => ElseLength(cursor) is > 0 and var length2 ? (TagKind.ElseChain, length2) : (TagKind.Mustache, 0),
        };
        _lexer.Position = cursor + length;
        var isTriple = At(cursor) == '{';
        if (kind is TagKind.ElseChain or TagKind.OpenInverse && ReadElse(open, cursor + length, strips) is { } plain)
        {
            return plain;
        }

        _lexer.AllowsPins = kind is TagKind.Partial or TagKind.OpenPartialBlock or TagKind.Close;
        var call = new TagParser(_lexer).ParseCall(allowSubExpressionTarget: kind is TagKind.Partial or TagKind.OpenPartialBlock);
        var parameters = kind is TagKind.OpenBlock or TagKind.OpenInverse or TagKind.ElseChain ? new TagParser(_lexer).ParseBlockParameters() : [];
        var close = _lexer.Next();
        CheckClosing(open, isTriple, close);
        if (kind == TagKind.Close && call.HasArguments)
        {
            throw new TemplateSyntaxException("invalid-tag", $"A closing tag is only a name: {{{{/{call.Name}}}}}.", open, close.End);
        }

        return new Tag(kind, open, close.End) { Strip = new Strip(strips, close.Strips), Call = call, BlockParameters = parameters };
    }

    /// <summary><c>{{else}}</c> and <c>{{^}}</c>; unlike after other tags, a third brace behind them is text.</summary>
    private Tag? ReadElse(int open, int cursor, bool strips)
    {
        while (JsText.IsWhiteSpace(At(cursor)))
        {
            cursor++;
        }

        var stripsAfter = At(cursor) == '~';
        cursor += stripsAfter ? 1 : 0;
        if (!text.AsSpan(Math.Min(cursor, text.Length)).StartsWith("}}"))
        {
            return null;
        }

        _lexer.Position = cursor + 2;
        return new Tag(TagKind.Else, open, cursor + 2) { Strip = new Strip(strips, stripsAfter) };
    }

    private static void CheckClosing(int open, bool isTriple, Token close)
    {
        if (close.Kind == (isTriple ? TokenKind.CloseTriple : TokenKind.Close))
        {
            return;
        }

        throw close.Kind switch
        {
            TokenKind.CloseTriple => new TemplateSyntaxException(
                "unbalanced-brace", "This tag is opened by {{ but closed by }}}; put a space between the tag and a brace that is text.", close.Start, close.End)
            { Fixes = [new TemplateFix("Put a space after }}", close.Start, close.End, "}} }")] },
            TokenKind.Close when isTriple => new TemplateSyntaxException(
                "unbalanced-brace", "This tag is opened by {{{ but closed by }}; close it by }}}.", close.Start, close.End)
            { Fixes = [new TemplateFix("Close by }}}", close.Start, close.End, "}}}")] },
            TokenKind.CloseRaw => new TemplateSyntaxException("unbalanced-brace", "Four closing braces belong to a tag that opens with four.", close.Start, close.End),
            TokenKind.End => new TemplateSyntaxException("unbalanced-brace", "This {{ has no closing }}.", open, open + 2),
            _ => new TemplateSyntaxException("invalid-tag", $"Expected }}}} but found '{close.Value}'.", close.Start, close.End),
        };
    }

    private void ScanComment(int open, int cursor, bool strips)
    {
        var isLong = text.AsSpan(cursor).StartsWith("!--");
        var end = isLong ? EndOfLongComment(cursor + 1) : IndexAfter("}}", cursor);
        if (end < 0)
        {
            throw new TemplateSyntaxException("unclosed-comment", $"This comment is never closed; end it by {(isLong ? "--}}" : "}}")}.", open, cursor + 1);
        }

        _tags.Add(new Tag(TagKind.Comment, open, end) { Strip = new Strip(strips, text[end - 3] == '~') });
        _position = end;
    }

    private int EndOfLongComment(int start)
    {
        for (var i = start; (i = text.IndexOf("--", i, StringComparison.Ordinal)) >= 0; i++)
        {
            var rest = text.AsSpan(i + 2);
            if (rest.StartsWith("}}") || rest.StartsWith("~}}"))
            {
                return i + (rest[0] == '~' ? 5 : 4);
            }
        }

        return -1;
    }

    private void ScanRawBlock(int open)
    {
        _lexer.Position = open + 4;
        var call = new TagParser(_lexer).ParseCall();
        var close = _lexer.Next();
        if (close.Kind != TokenKind.CloseRaw)
        {
            throw new TemplateSyntaxException("unbalanced-brace", "A tag that opens with four braces closes with four: }}}}.", open, open + 4);
        }

        var depth = 1;
        for (var i = close.End; (i = text.IndexOf("{{{{", i, StringComparison.Ordinal)) >= 0; i += 4)
        {
            if (At(i + 4) != '/')
            {
                depth++;
                continue;
            }

            var end = text.IndexOf("}}}}", i, StringComparison.Ordinal);
            if (end < 0)
            {
                break;
            }

            if (--depth > 0)
            {
                continue;
            }

            var name = text[(i + 5)..end];
            if (name != call.Name)
            {
                throw new TemplateSyntaxException("unmatched-closing-block", $"{call.Name} is closed by {{{{{{{{/{name}}}}}}}}}.", i, end + 4);
            }

            _tags.Add(new Tag(TagKind.RawBlock, open, end + 4) { Call = call, Text = text[close.End..i] });
            _position = end + 4;
            return;
        }

        throw new TemplateSyntaxException("unclosed-block", $"This raw block is never closed; end it by {{{{{{{{/{call.Name}}}}}}}}}.", open, close.End);
    }

    /// <summary>Goes on behind the broken tag, or at the next tag when that comes first.</summary>
    private void Recover(int open, TemplateSyntaxException exception)
    {
        var from = Math.Max(open + 2, Math.Min(exception.Start, text.Length));
        var close = text.IndexOf("}}", from, StringComparison.Ordinal);
        var next = close < 0 ? text.IndexOf("{{", from, StringComparison.Ordinal) : text.AsSpan(from, close - from).IndexOf("{{") is >= 0 and var at ? from + at : -1;
        var isUnclosed = exception.Code == "invalid-tag" && (next >= 0 || close < 0);
        errors.Add(isUnclosed
            ? new TemplateError("unbalanced-brace", "This {{ has no closing }}.", open, open + 2)
            : new TemplateError(exception.Code, exception.Message, exception.Start, exception.End) { Fixes = exception.Fixes });
        if (exception.Code is "unclosed-comment")
        {
            _position = text.Length;
            return;
        }

        _position = next >= 0 ? next : close < 0 ? text.Length : close + 2;
        while (next < 0 && _position < text.Length && text[_position] == '}')
        {
            _position++;
        }
    }

    private int ElseLength(int cursor)
    {
        var i = cursor;
        while (i < text.Length && JsText.IsWhiteSpace(text[i]))
        {
            i++;
        }

        var isElse = text.AsSpan(i).StartsWith("else") && !(char.IsAsciiLetterOrDigit(At(i + 4)) || At(i + 4) == '_');
        return isElse ? i + 4 - cursor : 0;
    }

    private int IndexAfter(string needle, int start) => text.IndexOf(needle, start, StringComparison.Ordinal) is >= 0 and var at ? at + needle.Length : -1;

    private void AddContent(int start, int end)
    {
        if (end > start)
        {
            _tags.Add(new Tag(TagKind.Content, start, end) { Text = text[start..end] });
        }
    }

    private char At(int index) => index < text.Length ? text[index] : '\0';
}
