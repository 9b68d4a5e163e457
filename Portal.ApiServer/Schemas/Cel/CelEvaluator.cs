namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Computes the value of an expression. Every step is paid for from the budget.</summary>
internal sealed class CelEvaluator(CelBudget budget)
{
    // What an absorbed failure costs more than a value does.
    private const int FailureCost = 100;

    /// <exception cref="CelEvaluationException">There is no value.</exception>
    /// <exception cref="CelBudgetException">It takes too long.</exception>
    public object? Evaluate(CelNode node, CelScope<object?>? scope)
    {
        budget.Spend(1);
        return node switch
        {
            CelLiteral literal => literal.Value,
            CelIdentifier name => Identifier(name.Name, scope),
            CelSelect select => Select(select, scope),
            CelCall call => Call(call, scope),
            CelLogic logic => Decide([logic.Left, logic.Right], scope, !logic.IsAnd),
            CelConditional conditional => Evaluate(Truth(Evaluate(conditional.Condition, scope)) ? conditional.WhenTrue : conditional.WhenFalse, scope),
            CelListLiteral list => List(list, scope),
            CelMapLiteral map => Map(map, scope),
            CelComprehension comprehension => Comprehension(comprehension, scope),
            CelBinding binding => Evaluate(binding.Body, new CelScope<object?>(binding.Name, Evaluate(binding.Value, scope), scope)),
            _ => throw new CelEvaluationException("unsupported expression"),
        };
    }

    private static object? Identifier(string name, CelScope<object?>? scope)
    {
        if (CelScope<object?>.TryFind(scope, name, out var value))
        {
            return value;
        }

        return name switch
        {
            "bool" => CelType.Bool,
            "int" => CelType.Int,
            "uint" => CelType.Uint,
            "double" => CelType.Real,
            "string" => CelType.Text,
            "bytes" => CelType.Bytes,
            "list" => CelType.AnyList,
            "map" => CelType.AnyMap,
            "null_type" => CelType.Null,
            "type" => CelType.Type,
            _ => throw new CelEvaluationException($"no such attribute(s): {name}"),
        };
    }

    private object? Call(CelCall call, CelScope<object?>? scope)
    {
        var arguments = new object?[call.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Evaluate(call.Arguments[i], scope);
        }

        return call.Function == "_[_]" && arguments[0] is CelOptional
            ? CelFunctions.Call("_[?_]", false, arguments, budget)
            : CelFunctions.Call(call.Function, call.IsMember, arguments, budget);
    }

    private object? Select(CelSelect select, CelScope<object?>? scope)
    {
        var operand = Evaluate(select.Operand, scope);
        var optional = select.IsOptional;
        if (operand is CelOptional wrapped)
        {
            if (!wrapped.HasValue)
            {
                return select.IsTest ? false : CelOptional.None;
            }

            operand = wrapped.Value;
            optional = true;
        }

        if (operand is not CelMap map)
        {
            return operand is null && (select.IsTest || optional)
                ? (select.IsTest ? false : CelOptional.None)
                : throw new CelEvaluationException(operand is null ? $"no such key: {select.Field}" : "no such overload");
        }

        var found = map.TryGetField(select.Field, select.Quoted, out var value);
        if (select.IsTest)
        {
            return found && (value is not null || !map.IsObject);
        }

        if (optional)
        {
            return found ? new CelOptional(true, value) : CelOptional.None;
        }

        return found ? value : throw new CelEvaluationException($"no such key: {select.Field}");
    }

    private CelList List(CelListLiteral list, CelScope<object?>? scope)
    {
        var items = new List<object?>(list.Items.Count);
        foreach (var (item, optional) in list.Items)
        {
            var value = Evaluate(item, scope);
            if (!optional || value is not CelOptional wrapped)
            {
                items.Add(value);
            }
            else if (wrapped.HasValue)
            {
                items.Add(wrapped.Value);
            }
        }

        return CelList.Of(items);
    }

    private CelMap Map(CelMapLiteral map, CelScope<object?>? scope)
    {
        var entries = new Dictionary<object, object?>();
        foreach (var (keyNode, valueNode, optional) in map.Entries)
        {
            var key = Evaluate(keyNode, scope);
            var value = Evaluate(valueNode, scope);
            if (optional && value is CelOptional wrapped)
            {
                if (!wrapped.HasValue)
                {
                    continue;
                }

                value = wrapped.Value;
            }

            if (key is not (string or bool or long or ulong))
            {
                throw new CelEvaluationException($"unsupported key type: {CelValue.TypeOf(key)}");
            }

            if (!entries.TryAdd(CelMap.Normal(key), value))
            {
                throw new CelEvaluationException($"Failed with repeated key: {CelValue.Show(key)}");
            }
        }

        return new CelMap(entries);
    }

    private object Comprehension(CelComprehension macro, CelScope<object?>? scope)
    {
        var scopes = Scopes(macro, Evaluate(macro.Range, scope), scope);
        switch (macro.Macro)
        {
            case CelMacro.All or CelMacro.Exists:
                return Decide(scopes.Select(inner => (macro.Condition!, (CelScope<object?>?)inner)), decisive: macro.Macro == CelMacro.Exists);
            case CelMacro.ExistsOne:
                return scopes.Count(inner => Truth(Evaluate(macro.Condition!, inner))) == 1;
            default:
                var items = new List<object?>();
                foreach (var inner in scopes)
                {
                    if (macro.Condition is null || Truth(Evaluate(macro.Condition, inner)))
                    {
                        items.Add(macro.Transform is null ? inner.Value : Evaluate(macro.Transform, inner));
                    }
                }

                return CelList.Of(items);
        }
    }

    /// <summary>One scope for each item of a list or key of a map.</summary>
    private IEnumerable<CelScope<object?>> Scopes(CelComprehension macro, object? range, CelScope<object?>? scope)
    {
        var count = range switch { CelList list => list.Count, CelMap { IsObject: false } map => map.Count, _ => throw new CelEvaluationException("no such overload") };
        var keys = range is CelMap source ? source.Keys.ToList() : null;
        for (var i = 0; i < count; i++)
        {
            budget.Spend(1);
            var (first, second) = (range, macro.Second) switch
            {
                (CelList list, null) => (list[i], null),
                (CelList list, _) => ((long)i, list[i]),
                (CelMap map, _) => (keys![i], map.TryGet(keys[i], out var value) ? value : null),
                _ => ((object?)null, (object?)null),
            };
            var inner = new CelScope<object?>(macro.First, first, scope);
            yield return macro.Second is null ? inner : new CelScope<object?>(macro.Second, second, inner);
        }
    }

    private bool Decide(IReadOnlyList<CelNode> sides, CelScope<object?>? scope, bool decisive) => Decide(sides.Select(side => (side, scope)), decisive);

    /// <summary>
    /// <paramref name="decisive"/> as soon as one of the expressions has that value, whatever failed before it; the failure when there is one and none decides.
    /// </summary>
    private bool Decide(IEnumerable<(CelNode Node, CelScope<object?>? Scope)> expressions, bool decisive)
    {
        CelEvaluationException? failure = null;
        foreach (var (node, scope) in expressions)
        {
            try
            {
                if (Truth(Evaluate(node, scope)) == decisive)
                {
                    return decisive;
                }
            }
            catch (CelEvaluationException problem)
            {
                budget.Spend(FailureCost);
                failure ??= problem;
            }
        }

        return failure is null ? !decisive : throw failure;
    }

    private static bool Truth(object? value) => value is bool truth ? truth : throw new CelEvaluationException("no such overload");
}
