using System.Collections.Frozen;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Reads the Common Expression Language, macros expanded. Sizes are limited so that what it returns can be walked recursively.</summary>
internal sealed class CelParser
{
    public const int MaxLength = 100_000;
    private const int MaxDepth = 200;

    /// <summary>The literal 9223372036854775808, which is an int only with a minus before it.</summary>
    internal static readonly object NegatedOnly = new();

    private static readonly FrozenSet<string> s_reserved = FrozenSet.Create(
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while");

    private static readonly FrozenSet<string> s_libraries = FrozenSet.Create("cel", "sets", "optional", "math", "strings");

    private static readonly FrozenDictionary<string, string> s_relations = new Dictionary<string, string>
    {
        ["=="] = "_==_",
        ["!="] = "_!=_",
        ["<"] = "_<_",
        ["<="] = "_<=_",
        [">"] = "_>_",
        [">="] = "_>=_",
        ["in"] = "@in",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> s_sums = new Dictionary<string, string> { ["+"] = "_+_", ["-"] = "_-_" }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> s_products =
        new Dictionary<string, string> { ["*"] = "_*_", ["/"] = "_/_", ["%"] = "_%_" }.ToFrozenDictionary();

    private readonly string _source;
    private readonly CelLexer _lexer;
    private CelToken _token;
    private int _nesting;

    private CelParser(string source)
    {
        _source = source;
        _lexer = new CelLexer(source);
        _token = _lexer.Next();
    }

    /// <exception cref="CelCompileException">It is not an expression, or is too long or too deep.</exception>
    public static CelNode Parse(string source)
    {
        if (source.Length > MaxLength)
        {
            throw new CelCompileException($"expression is longer than {MaxLength} characters");
        }

        var parser = new CelParser(source);
        var node = parser.Expression();
        return parser._token.Kind == CelTokenKind.End ? node : throw parser.Unexpected();
    }

    private CelNode Expression()
    {
        if (++_nesting > MaxDepth)
        {
            throw TooDeep(_token.Position);
        }

        var condition = Logic(isAnd: false);
        if (Take("?") is { } position)
        {
            var whenTrue = Logic(isAnd: false);
            Expect(":");
            var whenFalse = Expression();
            condition = Checked(new CelConditional(position, condition, whenTrue, whenFalse), condition, whenTrue, whenFalse);
        }

        _nesting--;
        return condition;
    }

    private CelNode Logic(bool isAnd)
    {
        CelNode Side() => isAnd ? Chain(s_relations, () => Chain(s_sums, () => Chain(s_products, Unary))) : Logic(isAnd: true);

        // A long chain becomes a balanced tree: its order does not matter, its depth does.
        var sides = new List<CelNode> { Side() };
        var position = _token.Position;
        while (Take(isAnd ? "&&" : "||") is not null)
        {
            sides.Add(Side());
        }

        return Balance(sides, 0, sides.Count, isAnd, position);
    }

    private CelNode Balance(List<CelNode> sides, int from, int to, bool isAnd, int position)
    {
        if (to - from == 1)
        {
            return sides[from];
        }

        var middle = (from + to) / 2;
        var left = Balance(sides, from, middle, isAnd, position);
        var right = Balance(sides, middle, to, isAnd, position);
        return Checked(new CelLogic(position, isAnd, left, right), left, right);
    }

    private CelNode Chain(FrozenDictionary<string, string> operators, Func<CelNode> operand)
    {
        var left = operand();
        while (_token.Kind == CelTokenKind.Symbol && operators.TryGetValue(_token.Text, out var function))
        {
            var position = _token.Position;
            Advance();
            left = Call(position, function, false, left, operand());
        }

        return left;
    }

    private CelNode Unary()
    {
        var position = _token.Position;
        if (_token.Kind != CelTokenKind.Symbol || _token.Text is not ("!" or "-"))
        {
            return Member();
        }

        if (++_nesting > MaxDepth)
        {
            throw TooDeep(position);
        }

        var negates = _token.Text == "-";
        Advance();
        CelNode result;
        if (negates && _token.Kind == CelTokenKind.Literal && (_token.Value is long or double || ReferenceEquals(_token.Value, NegatedOnly)))
        {
            var value = _token.Value;
            Advance();
            result = MemberOf(new CelLiteral(position, value switch { long number => -number, double real => -real, _ => (object)long.MinValue }));
        }
        else
        {
            result = Call(position, negates ? "-_" : "!_", false, Unary());
        }

        _nesting--;
        return result;
    }

    private CelNode Member() => MemberOf(Primary());

    private CelNode MemberOf(CelNode node)
    {
        while (true)
        {
            var position = _token.Position;
            if (Take(".") is not null)
            {
                var optional = Take("?") is not null;
                var (name, quoted) = _token.Kind is CelTokenKind.Identifier or CelTokenKind.QuotedIdentifier
                    ? (_token.Text, _token.Kind == CelTokenKind.QuotedIdentifier)
                    : throw Unexpected();
                Advance();
                node = !optional && !quoted && Take("(") is not null
                    ? MemberCall(position, node, name)
                    : Checked(new CelSelect(position, node, name, quoted, false, optional), node);
            }
            else if (Take("[") is not null)
            {
                var function = Take("?") is null ? "_[_]" : "_[?_]";
                var index = Expression();
                Expect("]");
                node = Call(position, function, false, node, index);
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode MemberCall(int position, CelNode target, string name)
    {
        var arguments = Arguments(")");
        if (target is CelIdentifier { Name: var library } && s_libraries.Contains(library))
        {
            if (library == "cel" && name == "bind" && arguments is [CelIdentifier variable, var value, var body])
            {
                return Checked(new CelBinding(position, variable.Name, value, body), value, body);
            }

            return Call(position, $"{library}.{name}", false, [.. arguments]);
        }

        return Macro(position, target, name, arguments) ?? Call(position, name, true, [target, .. arguments]);
    }

    private CelNode? Macro(int position, CelNode range, string name, List<CelNode> arguments)
    {
        CelMacro? macro = name switch
        {
            "all" => CelMacro.All,
            "exists" => CelMacro.Exists,
            "exists_one" or "existsOne" => CelMacro.ExistsOne,
            "filter" => CelMacro.Filter,
            "map" => CelMacro.Map,
            _ => null,
        };
        if (macro is null)
        {
            return null;
        }

        CelComprehension? made = (macro, arguments) switch
        {
            (CelMacro.Map, [CelIdentifier item, var transform]) => new(position, CelMacro.Map, range, item.Name, null, null, transform),
            (CelMacro.Map, [CelIdentifier item, var condition, var transform]) => new(position, CelMacro.Map, range, item.Name, null, condition, transform),
            (not CelMacro.Map, [CelIdentifier item, var condition]) => new(position, macro.Value, range, item.Name, null, condition, null),
            (CelMacro.All or CelMacro.Exists or CelMacro.ExistsOne, [CelIdentifier first, CelIdentifier second, var condition]) =>
                new(position, macro.Value, range, first.Name, second.Name, condition, null),
            _ => null,
        };
        return made is null
            ? throw Error(position, $"macro '{name}' needs a variable name and an expression")
            : Checked(made, [range, .. arguments]);
    }

    private CelNode Primary()
    {
        var (kind, position, text, value) = _token;
        switch (kind)
        {
            case CelTokenKind.Literal:
                Advance();
                return ReferenceEquals(value, NegatedOnly) ? throw Error(position, "invalid int literal") : new CelLiteral(position, value);
            case CelTokenKind.Identifier:
                Advance();
                if (s_reserved.Contains(text))
                {
                    throw Error(position, $"reserved identifier: {text}");
                }

                return Take("(") is null ? new CelIdentifier(position, text) : GlobalCall(position, text);
        }

        if (Take("(") is not null)
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        if (Take("[") is not null)
        {
            return ListLiteral(position);
        }

        return Take("{") is not null ? MapLiteral(position) : throw Unexpected();
    }

    private CelNode GlobalCall(int position, string name)
    {
        var arguments = Arguments(")");
        if (name != "has")
        {
            return Call(position, name, false, [.. arguments]);
        }

        return arguments is [CelSelect { IsTest: false, IsOptional: false } select]
            ? select with { IsTest = true }
            : throw Error(position, "invalid argument to has() macro");
    }

    private CelNode ListLiteral(int position)
    {
        var items = new List<(CelNode, bool)>();
        while (Take("]") is null)
        {
            var optional = Take("?") is not null;
            items.Add((Expression(), optional));
            if (Take(",") is null)
            {
                Expect("]");
                break;
            }
        }

        return Checked(new CelListLiteral(position, items), [.. items.Select(item => item.Item1)]);
    }

    private CelNode MapLiteral(int position)
    {
        var entries = new List<(CelNode Key, CelNode Value, bool)>();
        while (Take("}") is null)
        {
            var optional = Take("?") is not null;
            var key = Expression();
            Expect(":");
            entries.Add((key, Expression(), optional));
            if (Take(",") is null)
            {
                Expect("}");
                break;
            }
        }

        return Checked(new CelMapLiteral(position, entries), [.. entries.SelectMany(entry => new[] { entry.Key, entry.Value })]);
    }

    private List<CelNode> Arguments(string close)
    {
        var arguments = new List<CelNode>();
        if (Take(close) is not null)
        {
            return arguments;
        }

        do
        {
            arguments.Add(Expression());
        }
        while (Take(",") is not null);
        Expect(close);
        return arguments;
    }

    private CelNode Call(int position, string function, bool isMember, params CelNode[] arguments) =>
        Checked(new CelCall(position, function, isMember, arguments), arguments);

    private CelNode Checked(CelNode node, params ReadOnlySpan<CelNode> children)
    {
        var depth = 0;
        foreach (var child in children)
        {
            depth = Math.Max(depth, child.Depth);
        }

        return depth < MaxDepth ? node with { Depth = depth + 1 } : throw TooDeep(node.Position);
    }

    private int? Take(string symbol)
    {
        if (_token.Kind != CelTokenKind.Symbol || _token.Text != symbol)
        {
            return null;
        }

        var position = _token.Position;
        Advance();
        return position;
    }

    private void Expect(string symbol)
    {
        if (Take(symbol) is null)
        {
            throw Error(_token.Position, $"Syntax error: mismatched input '{_token.Text}' expecting '{symbol}'");
        }
    }

    private void Advance() => _token = _lexer.Next();

    private CelCompileException Unexpected() => Error(_token.Position, $"Syntax error: mismatched input '{_token.Text}'");

    private CelCompileException TooDeep(int position) => Error(position, $"expression is nested deeper than {MaxDepth} levels");

    private CelCompileException Error(int position, string message) => CelCompileException.At(_source, position, message);
}
