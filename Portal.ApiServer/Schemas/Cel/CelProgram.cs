namespace Portal.ApiServer.Schemas.Cel;

/// <summary>A compiled expression of the Common Expression Language. Immutable and shared between threads.</summary>
internal sealed class CelProgram
{
    private readonly CelNode _root;

    private CelProgram(string source, CelNode root) => (Source, _root) = (source, root);

    public string Source { get; }

    /// <summary>Compiles an expression.</summary>
    /// <param name="variables">The names it may use, with their types.</param>
    /// <param name="result">The type it must have.</param>
    /// <exception cref="CelCompileException">It does not parse, uses a name, field or function that is not there, or has another type.</exception>
    public static CelProgram Compile(string source, IReadOnlyDictionary<string, CelType> variables, CelType result)
    {
        var root = CelParser.Parse(source);
        var scope = variables.Aggregate((CelScope<CelType>?)null, (outer, variable) => new CelScope<CelType>(variable.Key, variable.Value, outer));
        var type = new CelChecker(source).Check(root, scope);
        return result.Accepts(type) ? new CelProgram(source, root) : throw new CelCompileException($"must evaluate to {result}, not to {type}");
    }

    /// <summary>Whether the expression names a variable.</summary>
    public bool Uses(string variable) => Uses(_root, variable);

    /// <exception cref="CelEvaluationException">It has no value for these variables.</exception>
    /// <exception cref="CelBudgetException">It costs more than <paramref name="budget"/> has.</exception>
    public object? Evaluate(CelBudget budget, params ReadOnlySpan<(string Name, object? Value)> variables)
    {
        CelScope<object?>? scope = null;
        foreach (var (name, value) in variables)
        {
            scope = new CelScope<object?>(name, value, scope);
        }

        return new CelEvaluator(budget).Evaluate(_root, scope);
    }

    private static bool Uses(CelNode node, string variable) => node switch
    {
        CelIdentifier name => name.Name == variable,
        CelSelect select => Uses(select.Operand, variable),
        CelCall call => call.Arguments.Any(argument => Uses(argument, variable)),
        CelLogic logic => Uses(logic.Left, variable) || Uses(logic.Right, variable),
        CelConditional conditional => Uses(conditional.Condition, variable) || Uses(conditional.WhenTrue, variable) || Uses(conditional.WhenFalse, variable),
        CelListLiteral list => list.Items.Any(item => Uses(item.Value, variable)),
        CelMapLiteral map => map.Entries.Any(entry => Uses(entry.Key, variable) || Uses(entry.Value, variable)),
        CelComprehension macro => Uses(macro.Range, variable)
            || (macro.Condition is not null && Uses(macro.Condition, variable)) || (macro.Transform is not null && Uses(macro.Transform, variable)),
        CelBinding binding => Uses(binding.Value, variable) || Uses(binding.Body, variable),
        _ => false,
    };
}
