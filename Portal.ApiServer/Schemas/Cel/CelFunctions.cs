using System.Collections.Frozen;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>One form of a function.</summary>
/// <param name="Parameters">Types of the arguments; of a member, the receiver's first.</param>
/// <param name="Result">Type of the result, from the types of the arguments.</param>
/// <param name="Invoke">Computes it; spends from the budget what grows with its input.</param>
internal sealed record CelOverload(CelType[] Parameters, Func<CelType[], CelType> Result, Func<object?[], CelBudget, object?> Invoke)
{
    public bool Accepts(ReadOnlySpan<CelType> given)
    {
        if (given.Length != Parameters.Length)
        {
            return false;
        }

        for (var i = 0; i < given.Length; i++)
        {
            if (!Parameters[i].Accepts(given[i]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Every function and operator by name, one table for checking and evaluating.</summary>
internal static class CelFunctions
{
    private static readonly FrozenDictionary<(string, bool), CelOverload[]> s_table = Build();

    /// <summary>Forms of a function; empty when there is none of that name.</summary>
    public static IReadOnlyList<CelOverload> Find(string name, bool isMember) => s_table.GetValueOrDefault((name, isMember)) ?? [];

    /// <exception cref="CelEvaluationException">No form takes these arguments, or it fails on them.</exception>
    public static object? Call(string name, bool isMember, object?[] arguments, CelBudget budget)
    {
        budget.Spend(1);
        Span<CelType> types = new CelType[arguments.Length];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = CelValue.TypeOf(arguments[i]);
        }

        foreach (var overload in Find(name, isMember))
        {
            if (overload.Accepts(types))
            {
                return overload.Invoke(arguments, budget);
            }
        }

        throw new CelEvaluationException("no such overload");
    }

    private static FrozenDictionary<(string, bool), CelOverload[]> Build()
    {
        var table = new CelFunctionTable();
        CelOperators.Register(table);
        CelConversions.Register(table);
        CelTextFunctions.Register(table);
        CelListFunctions.Register(table);
        CelTimeFunctions.Register(table);
        return table.Freeze();
    }
}

/// <summary>Collects functions while the table is built.</summary>
internal sealed class CelFunctionTable
{
    private readonly Dictionary<(string, bool), List<CelOverload>> _overloads = [];

    public void Function(string name, CelType result, Func<object?[], CelBudget, object?> invoke, params CelType[] parameters) =>
        Add(name, false, _ => result, invoke, parameters);

    public void Member(string name, CelType result, Func<object?[], CelBudget, object?> invoke, params CelType[] parameters) =>
        Add(name, true, _ => result, invoke, parameters);

    public void Add(string name, bool isMember, Func<CelType[], CelType> result, Func<object?[], CelBudget, object?> invoke, params CelType[] parameters)
    {
        if (!_overloads.TryGetValue((name, isMember), out var overloads))
        {
            _overloads[(name, isMember)] = overloads = [];
        }

        overloads.Add(new CelOverload(parameters, result, invoke));
    }

    public FrozenDictionary<(string, bool), CelOverload[]> Freeze() => _overloads.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray());
}
