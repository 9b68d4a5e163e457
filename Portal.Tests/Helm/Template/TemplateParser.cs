using System.Text.RegularExpressions;

namespace Portal.Tests.Helm.Template;

/// <summary>
/// Reads the part of Go's text/template that the chart uses: if, else, with, range, define, comments, trim markers, pipelines. Anything else is refused,
/// so that the chart stays inside what these tests understand.
/// </summary>
internal sealed partial class TemplateParser
{
    private static readonly IReadOnlyList<TemplateNode> s_nothing = [];

    private readonly string _file;
    private readonly Dictionary<string, IReadOnlyList<TemplateNode>> _definitions;
    private readonly List<(string Text, string? Action)> _parts;
    private int _next;

    private TemplateParser(string file, string text, Dictionary<string, IReadOnlyList<TemplateNode>> definitions)
    {
        _file = file;
        _definitions = definitions;
        _parts = Split(text);
    }

    /// <param name="definitions">Gets the named templates of the file.</param>
    public static IReadOnlyList<TemplateNode> Parse(string file, string text, Dictionary<string, IReadOnlyList<TemplateNode>> definitions)
    {
        var parser = new TemplateParser(file, text, definitions);
        var (nodes, end) = parser.Block();
        return end is null ? nodes : throw parser.Error($"{{{{ {end} }}}} ends nothing");
    }

    private static List<(string Text, string? Action)> Split(string text)
    {
        var parts = new List<(string, string?)>();
        var position = 0;
        var trim = false;
        foreach (Match match in Action().Matches(text))
        {
            var between = text[position..match.Index];
            between = trim ? between.TrimStart() : between;
            parts.Add((match.Groups["left"].Success ? between.TrimEnd() : between, match.Groups["body"].Value.Trim()));
            trim = match.Groups["right"].Success;
            position = match.Index + match.Length;
        }

        parts.Add((trim ? text[position..].TrimStart() : text[position..], null));
        return parts;
    }

    private (List<TemplateNode> Nodes, string? End) Block()
    {
        var nodes = new List<TemplateNode>();
        while (_next < _parts.Count)
        {
            var (text, action) = _parts[_next++];
            if (text.Length > 0)
            {
                nodes.Add(new TextNode(text));
            }

            if (action is null || action.StartsWith("/*", StringComparison.Ordinal))
            {
                continue;
            }

            var word = action.Split(' ', 2)[0];
            var rest = action[word.Length..].Trim();
            switch (word)
            {
                case "end" or "else":
                    return (nodes, action);
                case "if" or "with":
                    nodes.Add(Branch(word, rest));
                    break;
                case "range":
                    nodes.Add(Range(rest));
                    break;
                case "define":
                    _definitions.Add(rest.Trim('"'), Body());
                    break;
                case "template" or "block" or "break" or "continue":
                    throw Error($"{word} is outside the subset");
                default:
                    nodes.Add(new PrintNode(Pipeline(action)));
                    break;
            }
        }

        return (nodes, null);
    }

    private BranchNode Branch(string word, string condition)
    {
        var (then, end) = Block();
        IReadOnlyList<TemplateNode> otherwise = s_nothing;
        if (end == "else")
        {
            otherwise = Body();
        }
        else if (end?.StartsWith("else if ", StringComparison.Ordinal) == true)
        {
            otherwise = [Branch("if", end["else if ".Length..])];
        }
        else if (end != "end")
        {
            throw Error($"{word} {condition} is not closed");
        }

        return new BranchNode(Pipeline(condition), word == "with", then, otherwise);
    }

    private RangeNode Range(string over)
    {
        var match = RangeVariables().Match(over);
        var (key, value) = match.Success ? (match.Groups[1].Value, match.Groups[2].Value) : (null, null);
        var (body, end) = Block();
        var otherwise = end == "else" ? Body() : end == "end" ? s_nothing : throw Error($"range {over} is not closed");
        return new RangeNode(key, value, Pipeline(over[match.Length..]), body, otherwise);
    }

    private List<TemplateNode> Body()
    {
        var (nodes, end) = Block();
        return end == "end" ? nodes : throw Error("a block is not closed");
    }

    private Expression Pipeline(string text)
    {
        var tokens = new Queue<string>(Token().Matches(text).Select(match => match.Value));
        if (string.Concat(tokens).Length != Blanks().Replace(text, "").Length && !text.Contains('"', StringComparison.Ordinal))
        {
            throw Error($"{text} cannot be read");
        }

        var value = Pipe(tokens, text);
        return tokens.Count == 0 ? value : throw Error($"{tokens.Peek()} in {text} is too much");
    }

    private Expression Pipe(Queue<string> tokens, string text)
    {
        Expression? value = null;
        do
        {
            value = Command(tokens, value, text);
        }
        while (tokens.TryPeek(out var bar) && bar == "|" && tokens.Dequeue() == "|");

        return value;
    }

    private Expression Command(Queue<string> tokens, Expression? piped, string text)
    {
        var operands = new List<Expression>();
        string? function = null;
        while (tokens.TryPeek(out var token) && token is not ("|" or [')', ..]))
        {
            if (operands.Count == 0 && function is null && Name().IsMatch(token) && token is not ("true" or "false"))
            {
                function = tokens.Dequeue();
            }
            else
            {
                operands.Add(Operand(tokens, text));
            }
        }

        if (piped is not null)
        {
            operands.Add(piped);
        }

        return function is not null ? new FunctionCall(function, operands)
            : operands.Count == 1 ? operands[0]
            : throw Error($"{text}: a value takes no arguments");
    }

    private Expression Operand(Queue<string> tokens, string text)
    {
        var token = tokens.Dequeue();
        switch (token)
        {
            case "(":
                var inner = Pipe(tokens, text);
                if (!tokens.TryDequeue(out var close) || close is not [')', ..])
                {
                    throw Error($"{text}: a parenthesis is not closed");
                }

                return close.Length > 1 ? new FieldPath(inner, Names(close[1..])) : inner;
            case ['"', ..]:
                return new Literal(JsonNode.Parse(token));
            case ['.', ..]:
                return new FieldPath(null, Names(token));
            case ['$', ..]:
                var dot = token.IndexOf('.', StringComparison.Ordinal);
                return dot < 0 ? new VariableUse(token) : new FieldPath(new VariableUse(token[..dot]), Names(token[dot..]));
            case "true" or "false":
                return new Literal(token == "true");
            default:
                return int.TryParse(token, out var number) ? new Literal(number) : throw Error($"{token} in {text} is outside the subset");
        }
    }

    private static string[] Names(string path) => path.Split('.', StringSplitOptions.RemoveEmptyEntries);

    private TemplateException Error(string problem) => new($"{_file}: {problem}");

    [GeneratedRegex(@"\{\{(?<left>-(?=\s))?(?<body>(?:\s*/\*.*?\*/\s*)|(?:""(?:[^""\\]|\\.)*""|[^""])*?)(?<right>(?<=\s)-)?\}\}", RegexOptions.Singleline)]
    private static partial Regex Action();

    [GeneratedRegex(@"^(\$\w+), (\$\w+) := ")]
    private static partial Regex RangeVariables();

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""|\)(?:\.\w+)*|[(|]|\$?[\w.]+|\$|-?\d+|:=|=|`[^`]*`")]
    private static partial Regex Token();

    [GeneratedRegex(@"\s")]
    private static partial Regex Blanks();

    [GeneratedRegex("^[a-zA-Z]\\w*$")]
    private static partial Regex Name();
}
