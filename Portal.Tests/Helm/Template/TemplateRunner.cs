using System.Text;

namespace Portal.Tests.Helm.Template;

/// <summary>Executes parsed templates on JSON. A field of something missing is an error, as in Go; so is printing what is missing, which Go would write as a word.</summary>
internal sealed class TemplateRunner(IReadOnlyDictionary<string, IReadOnlyList<TemplateNode>> definitions)
{
    private const int MaxDepth = 50;

    private int _depth;

    public string Run(IReadOnlyList<TemplateNode> nodes, JsonObject root)
    {
        var output = new StringBuilder();
        Execute(nodes, new Scope(root, new Dictionary<string, JsonNode?>(StringComparer.Ordinal) { ["$"] = root }), output);
        return output.ToString();
    }

    private void Execute(IReadOnlyList<TemplateNode> nodes, Scope scope, StringBuilder output)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case TextNode text:
                    output.Append(text.Text);
                    break;
                case PrintNode print:
                    output.Append(TemplateFunctions.Print(Evaluate(print.Value, scope) ?? throw new TemplateException($"{print.Value} has no value to print")));
                    break;
                case BranchNode branch:
                    var value = Evaluate(branch.Condition, scope);
                    var (taken, dot) = TemplateFunctions.Truth(value) ? (branch.Then, branch.Rebinds ? value : scope.Dot) : (branch.Else, scope.Dot);
                    Execute(taken, scope with { Dot = dot }, output);
                    break;
                case RangeNode range:
                    Repeat(range, scope, output);
                    break;
            }
        }
    }

    private void Repeat(RangeNode range, Scope scope, StringBuilder output)
    {
        var items = Evaluate(range.Over, scope) switch
        {
            JsonObject map => map.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => ((JsonNode?)item.Key, item.Value)),
            JsonArray list => list.Select((item, index) => ((JsonNode?)index, item)),
            null => [],
            var other => throw new TemplateException($"range cannot go over {other.ToJsonString()}"),
        };
        var any = false;
        foreach (var (key, value) in items)
        {
            any = true;
            var variables = scope.Variables;
            if (range.Key is not null)
            {
                variables = new Dictionary<string, JsonNode?>(variables, StringComparer.Ordinal) { [range.Key] = key, [range.Value!] = value };
            }

            Execute(range.Body, new Scope(value, variables), output);
        }

        if (!any)
        {
            Execute(range.Else, scope, output);
        }
    }

    private JsonNode? Evaluate(Expression expression, Scope scope) => expression switch
    {
        Literal literal => literal.Value,
        VariableUse variable => scope.Variables.TryGetValue(variable.Name, out var value) ? value : throw new TemplateException($"undefined variable {variable.Name}"),
        FieldPath path => Walk(path.Root is null ? scope.Dot : Evaluate(path.Root, scope), path.Names),
        FunctionCall { Name: "and" } call => Until(call, scope, stopAt: false),
        FunctionCall { Name: "or" } call => Until(call, scope, stopAt: true),
        FunctionCall { Name: "include" } call => Include(call, scope),
        FunctionCall call => TemplateFunctions.Call(call.Name, [.. call.Arguments.Select(argument => Evaluate(argument, scope))]),
        _ => throw new TemplateException($"{expression} is outside the subset"),
    };

    private static JsonNode? Walk(JsonNode? node, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            node = node is JsonObject map ? map[name] : throw new TemplateException($"nil pointer evaluating .{name} of .{string.Join('.', names)}");
        }

        return node;
    }

    private JsonNode? Until(FunctionCall call, Scope scope, bool stopAt)
    {
        JsonNode? value = null;
        foreach (var argument in call.Arguments)
        {
            value = Evaluate(argument, scope);
            if (TemplateFunctions.Truth(value) == stopAt)
            {
                break;
            }
        }

        return value;
    }

    private JsonNode Include(FunctionCall call, Scope scope)
    {
        var name = Evaluate(call.Arguments[0], scope)!.ToString();
        var body = definitions.TryGetValue(name, out var found) ? found : throw new TemplateException($"there is no template \"{name}\"");
        if (++_depth > MaxDepth)
        {
            throw new TemplateException($"\"{name}\" includes itself without end");
        }

        var (output, dot) = (new StringBuilder(), Evaluate(call.Arguments[1], scope));
        Execute(body, new Scope(dot, new Dictionary<string, JsonNode?>(StringComparer.Ordinal) { ["$"] = dot }), output);
        _depth--;
        return output.ToString();
    }

    private sealed record Scope(JsonNode? Dot, IReadOnlyDictionary<string, JsonNode?> Variables);
}
