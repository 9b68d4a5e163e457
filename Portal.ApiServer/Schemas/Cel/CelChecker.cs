namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Finds unknown names, fields and functions, and types that cannot fit, before anything is evaluated.</summary>
internal sealed class CelChecker(string source)
{
    private static readonly string[] s_types =
        ["bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"];

    /// <summary>The type of an expression.</summary>
    /// <exception cref="CelCompileException">It can never be evaluated.</exception>
    public CelType Check(CelNode node, CelScope<CelType>? scope) => node switch
    {
        CelLiteral literal => CelValue.TypeOf(literal.Value),
        CelIdentifier name => Identifier(name, scope),
        CelSelect select => Select(select, scope),
        CelCall call => Call(call, scope),
        CelLogic logic => Logic(logic, scope),
        CelConditional conditional => Conditional(conditional, scope),
        CelListLiteral list => CelType.ListOf(Common(list.Items.Select(item => Unwrapped(Check(item.Value, scope), item.IsOptional)).ToList())),
        CelMapLiteral map => Map(map, scope),
        CelComprehension comprehension => Comprehension(comprehension, scope),
        CelBinding binding => Check(binding.Body, new CelScope<CelType>(binding.Name, Check(binding.Value, scope), scope)),
        _ => CelType.Dyn,
    };

    private CelType Identifier(CelIdentifier name, CelScope<CelType>? scope)
    {
        if (CelScope<CelType>.TryFind(scope, name.Name, out var type))
        {
            return type!;
        }

        return s_types.Contains(name.Name) ? CelType.Type : throw Error(name, $"undeclared reference to '{name.Name}' (in container '')");
    }

    private CelType Select(CelSelect select, CelScope<CelType>? scope)
    {
        var operand = Check(select.Operand, scope);
        var optional = select.IsOptional || operand.Kind == CelKind.Optional;
        operand = Unwrapped(operand, true);
        var field = operand.Kind switch
        {
            CelKind.Dyn => CelType.Dyn,
            CelKind.Map => operand.Element!,
            CelKind.Object => operand.Field(select.Field, select.Quoted)?.Type ?? throw Error(select, $"undefined field '{select.Field}'"),
            _ => throw Error(select, $"type '{operand}' does not support field selection"),
        };
        return select.IsTest ? CelType.Bool : optional ? CelType.OptionalOf(field) : field;
    }

    private CelType Call(CelCall call, CelScope<CelType>? scope)
    {
        var overloads = CelFunctions.Find(call.Function, call.IsMember);
        if (overloads.Count == 0)
        {
            throw Error(call, $"undeclared reference to '{call.Function}' (in container '')");
        }

        var types = call.Arguments.Select(argument => Check(argument, scope)).ToArray();
        if (call.Function is "_==_" or "_!=_" && types.All(type => type.Kind != CelKind.Null) && !types[0].Accepts(types[1]))
        {
            throw NoOverload(call, types);
        }

        if (call.Function is "@in" && types[1] is { Kind: CelKind.List, Element: { } element } && !element.Accepts(types[0]))
        {
            throw NoOverload(call, types);
        }

        if (call.Function == "_[_]" && types[0].Kind == CelKind.Optional)
        {
            return CelType.AnyOptional;
        }

        var results = overloads.Where(overload => overload.Accepts(types)).Select(overload => overload.Result(types)).ToList();
        return results.Count > 0 ? Common(results) : throw NoOverload(call, types);
    }

    private CelType Logic(CelLogic logic, CelScope<CelType>? scope)
    {
        foreach (var side in (ReadOnlySpan<CelNode>)[logic.Left, logic.Right])
        {
            var type = Check(side, scope);
            if (!CelType.Bool.Accepts(type))
            {
                throw Error(side, $"expected type 'bool' but found '{type}'");
            }
        }

        return CelType.Bool;
    }

    private CelType Conditional(CelConditional conditional, CelScope<CelType>? scope)
    {
        var condition = Check(conditional.Condition, scope);
        var types = new[] { Check(conditional.WhenTrue, scope), Check(conditional.WhenFalse, scope) };
        if (!CelType.Bool.Accepts(condition) || (types.All(type => type.Kind != CelKind.Null) && !types[0].Accepts(types[1])))
        {
            throw Error(conditional, $"found no matching overload for '_?_:_' applied to '({condition}, {types[0]}, {types[1]})'");
        }

        return Common(types);
    }

    private CelType Map(CelMapLiteral map, CelScope<CelType>? scope)
    {
        var keys = new List<CelType>();
        var values = new List<CelType>();
        foreach (var (key, value, optional) in map.Entries)
        {
            keys.Add(Check(key, scope));
            values.Add(Unwrapped(Check(value, scope), optional));
            if (keys[^1].Kind is not (CelKind.Dyn or CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.String))
            {
                throw Error(key, $"unsupported key type: {keys[^1]}");
            }
        }

        return CelType.MapOf(Common(keys), Common(values));
    }

    private CelType Comprehension(CelComprehension macro, CelScope<CelType>? scope)
    {
        var range = Check(macro.Range, scope);
        var (first, second) = range.Kind switch
        {
            CelKind.List when macro.Second is null => (range.Element!, CelType.Dyn),
            CelKind.List => (CelType.Int, range.Element!),
            CelKind.Map => (range.Key!, range.Element!),
            CelKind.Dyn => (CelType.Dyn, CelType.Dyn),
            _ => throw Error(macro.Range, $"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)"),
        };
        var inner = new CelScope<CelType>(macro.First, first, scope);
        inner = macro.Second is null ? inner : new CelScope<CelType>(macro.Second, second, inner);
        if (macro.Condition is not null && Check(macro.Condition, inner) is var condition && !CelType.Bool.Accepts(condition))
        {
            throw Error(macro.Condition, $"expected type 'bool' but found '{condition}'");
        }

        return macro.Macro switch
        {
            CelMacro.Map => CelType.ListOf(Check(macro.Transform!, inner)),
            CelMacro.Filter => range.Kind == CelKind.List ? range : CelType.ListOf(first),
            _ => CelType.Bool,
        };
    }

    private static CelType Unwrapped(CelType type, bool optional) => optional && type.Kind == CelKind.Optional ? type.Element! : type;

    private static CelType Common(IReadOnlyList<CelType> types) =>
        types.Count > 0 && types.All(type => type.Kind == types[0].Kind && type.Accepts(types[0])) ? types[0] : CelType.Dyn;

    private CelCompileException NoOverload(CelCall call, IEnumerable<CelType> types) => Error(
        call,
        call.IsMember
            ? $"found no matching overload for '{call.Function}' applied to '{types.First()}.({string.Join(", ", types.Skip(1))})'"
            : $"found no matching overload for '{call.Function}' applied to '({string.Join(", ", types)})'");

    private CelCompileException Error(CelNode node, string message) => CelCompileException.At(source, node.Position, message);
}
