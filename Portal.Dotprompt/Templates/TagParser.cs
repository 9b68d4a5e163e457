using System.Globalization;

namespace Portal.Dotprompt.Templates;

/// <summary>Parses what stands between the braces of one tag.</summary>
internal sealed class TagParser(TagLexer lexer)
{
    private const int MaxDepth = 32;

    /// <summary>Target, parameters and named arguments, up to but without the closing token.</summary>
    /// <exception cref="TemplateSyntaxException">The tag is malformed.</exception>
    public Call ParseCall(bool allowSubExpressionTarget = false) => ParseCall(allowSubExpressionTarget, 0);

    /// <summary><c>as |value key|</c>; empty when there is none.</summary>
    /// <exception cref="TemplateSyntaxException">The tag is malformed.</exception>
    public IReadOnlyList<string> ParseBlockParameters()
    {
        if (lexer.Peek().Kind != TokenKind.OpenParameters)
        {
            return [];
        }

        var open = lexer.Next();
        var names = new List<string>();
        while (lexer.Peek().Kind is TokenKind.Id or TokenKind.BracketId)
        {
            names.Add(lexer.Next().Value);
        }

        return names.Count > 0 && lexer.Next().Kind == TokenKind.Pipe
            ? names
            : throw new TemplateSyntaxException("invalid-tag", "Block parameters are written {{#each items as |item index|}}.", open.Start, lexer.Position);
    }

    private Call ParseCall(bool allowSubExpressionTarget, int depth)
    {
        var first = lexer.Peek();
        var target = first.Kind == TokenKind.OpenParen && !allowSubExpressionTarget ? throw Unexpected(first, "a name") : ParseValue(depth, "a name");
        lexer.AllowsPins = false;
        var parameters = new List<Expression>();
        var hash = new List<HashArgument>();
        while (StartsValue(lexer.Peek().Kind))
        {
            if (NamedArgument(depth) is { } argument)
            {
                hash.Add(argument);
            }
            else if (hash.Count > 0)
            {
                throw new TemplateSyntaxException(
                    "invalid-tag", "Named arguments (name=value) come last: move this before them.", lexer.Peek().Start, lexer.Peek().End);
            }
            else
            {
                parameters.Add(ParseValue(depth, "a value"));
            }
        }

        return new Call { Target = target, Parameters = [.. parameters], Hash = [.. hash] };
    }

    private HashArgument? NamedArgument(int depth)
    {
        var start = lexer.Position;
        var name = lexer.Next();
        if (name.Kind is TokenKind.Id or TokenKind.BracketId && lexer.Next().Kind == TokenKind.Assign)
        {
            return new HashArgument(name.Value, name.Start, ParseValue(depth, $"a value after {name.Value}="));
        }

        lexer.Position = start;
        return null;
    }

    private Expression ParseValue(int depth, string expected)
    {
        var token = lexer.Next();
        switch (token.Kind)
        {
            case TokenKind.Id or TokenKind.BracketId:
                return ParsePath(token, isData: false);
            case TokenKind.Data:
                var part = lexer.Next();
                return part.Kind is TokenKind.Id or TokenKind.BracketId
                    ? ParsePath(part, isData: true, token.Start)
                    : throw Unexpected(part, "a name after @");
            case TokenKind.String:
                return Literal(token, token.Value, token.Value);
            case TokenKind.Number:
                var number = double.Parse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture);
                return Literal(token, number, Text.JsText.FromNumber(number));
            case TokenKind.Boolean:
                return Literal(token, token.Value == "true", token.Value);
            case TokenKind.Undefined:
                return Literal(token, JsValue.Undefined, token.Value);
            case TokenKind.Null:
                return Literal(token, null, token.Value);
            case TokenKind.OpenParen:
                return ParseSubExpression(token, depth);
            default:
                throw Unexpected(token, expected);
        }
    }

    private SubExpression ParseSubExpression(Token open, int depth)
    {
        if (depth >= MaxDepth)
        {
            throw new TemplateSyntaxException("too-deep", $"Parentheses are nested more than {MaxDepth} levels deep.", open.Start, open.End);
        }

        var call = ParseCall(allowSubExpressionTarget: false, depth + 1);
        var close = lexer.Next();
        return close.Kind == TokenKind.CloseParen
            ? new SubExpression { Call = call, Start = open.Start, End = close.End }
            : throw Unexpected(close, "a closing )");
    }

    private PathExpression ParsePath(Token first, bool isData, int? start = null)
    {
        var parts = new List<string>();
        var ranges = new List<(int Start, int End)>();
        var original = new System.Text.StringBuilder(isData ? "@" : "");
        var depth = 0;
        var token = first;
        while (true)
        {
            original.Append(token.Value);
            var isStep = token.Kind == TokenKind.Id && token.Value is "." or ".." or "this";
            if (isStep && parts.Count > 0)
            {
                throw new TemplateSyntaxException(
                    "invalid-path", $"'{token.Value}' may only stand at the start of a path; here it follows '{parts[^1]}'.", token.Start, token.End);
            }

            depth += isStep && token.Value == ".." ? 1 : 0;
            if (!isStep)
            {
                parts.Add(token.Value);
                ranges.Add((token.Start, token.End));
            }

            if (lexer.Peek().Kind != TokenKind.Separator)
            {
                break;
            }

            original.Append(lexer.Next().Value);
            var next = lexer.Next();
            token = next.Kind switch
            {
                TokenKind.Id or TokenKind.BracketId => next,
                TokenKind.Number => throw new TemplateSyntaxException(
                    "invalid-path", $"A list item is written in brackets: [{next.Value}].", next.Start, next.End)
                { Fixes = [new TemplateFix($"Write [{next.Value}]", next.Start, next.End, $"[{next.Value}]")] },
                _ => throw Unexpected(next, "a name"),
            };
        }

        return new PathExpression
        {
            IsData = isData,
            Depth = depth,
            IsScoped = first.Kind == TokenKind.Id && first.Value is "." or ".." or "this",
            Parts = [.. parts],
            PartRanges = ranges,
            Original = original.ToString(),
            Start = start ?? first.Start,
            End = token.End,
        };
    }

    private static LiteralExpression Literal(Token token, object? value, string original) =>
        new() { Value = value, Original = original, Start = token.Start, End = token.End };

    private static bool StartsValue(TokenKind kind) => kind is TokenKind.Id or TokenKind.BracketId or TokenKind.Data or TokenKind.String
        or TokenKind.Number or TokenKind.Boolean or TokenKind.Undefined or TokenKind.Null or TokenKind.OpenParen;

    private static TemplateSyntaxException Unexpected(Token token, string expected) => token.Kind == TokenKind.End
        ? new TemplateSyntaxException("unbalanced-brace", $"The prompt ends inside a tag; expected {expected}.", token.Start, token.End)
        : new TemplateSyntaxException("invalid-tag", $"Expected {expected} but found '{token.Value}'.", token.Start, token.End);
}

/// <summary>One tag is malformed; the scanner turns it into a <see cref="TemplateError"/> and goes on behind the tag.</summary>
internal sealed class TemplateSyntaxException(string code, string message, int start, int end) : Exception(message)
{
    public string Code { get; } = code;
    public int Start { get; } = start;
    public int End { get; } = end;
    public IReadOnlyList<TemplateFix> Fixes { get; init; } = [];
}
