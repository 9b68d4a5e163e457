using static Portal.ApiServer.Schemas.Cel.CelType;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Operators: equality, order, arithmetic, membership and index.</summary>
internal static class CelOperators
{
    public static void Register(CelFunctionTable table)
    {
        table.Function("_==_", Bool, (a, budget) => CelValue.Same(a[0], a[1], budget), Dyn, Dyn);
        table.Function("_!=_", Bool, (a, budget) => !CelValue.Same(a[0], a[1], budget), Dyn, Dyn);
        table.Function("!_", Bool, (a, _) => !(bool)a[0]!, Bool);
        Order(table);
        Integers(table);
        Reals(table);
        Sums(table);
        table.Function("@in", Bool, (a, budget) => Contains((CelList)a[1]!, a[0], budget), Dyn, AnyList);
        table.Function("@in", Bool, (a, budget) => ((CelMap)a[1]!).TryGet(a[0], out _), Dyn, AnyMap);
        table.Add("_[_]", false, types => types[0].Element ?? Dyn, (a, _) => Item((CelList)a[0]!, (long)a[1]!), AnyList, Int);
        table.Add("_[_]", false, types => types[0].Element ?? Dyn, (a, _) => Value((CelMap)a[0]!, a[1]), AnyMap, Dyn);
        table.Function("_[?_]", AnyOptional, (a, _) => Found((CelList)a[0]!, (long)a[1]!), AnyList, Int);
        table.Function("_[?_]", AnyOptional, (a, _) => ((CelMap)a[0]!).TryGet(a[1], out var value) ? new CelOptional(true, value) : CelOptional.None, AnyMap, Dyn);
        table.Function(
            "_[?_]",
            AnyOptional,
            (a, budget) => a[0] is CelOptional { HasValue: true } some ? CelFunctions.Call("_[?_]", false, [some.Value, a[1]], budget) : CelOptional.None,
            AnyOptional,
            Dyn);
    }

    public static bool Contains(CelList list, object? wanted, CelBudget budget)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (CelValue.Same(list[i], wanted, budget))
            {
                return true;
            }
        }

        return false;
    }

    private static void Order(CelFunctionTable table)
    {
        CelType[] ordered = [Bool, Text, Bytes, Duration, Timestamp];
        CelType[] numbers = [Int, Uint, Real];
        var pairs = ordered.Select(type => (type, type)).Concat(numbers.SelectMany(left => numbers.Select(right => (left, right)))).ToList();
        foreach (var (name, holds) in new (string, Func<int, bool>)[]
            { ("_<_", order => order < 0), ("_<=_", order => order <= 0), ("_>_", order => order > 0), ("_>=_", order => order >= 0) })
        {
            foreach (var (left, right) in pairs)
            {
                table.Function(name, Bool, (a, budget) =>
                {
                    budget.SpendText((a[0] as string)?.Length ?? 0);
                    return CelValue.Compare(a[0], a[1]) is { } order && holds(order);
                }, left, right);
            }
        }
    }

    private static void Integers(CelFunctionTable table)
    {
        Arithmetic(table, "_+_", (a, b) => checked(a + b), (a, b) => checked(a + b));
        Arithmetic(table, "_-_", (a, b) => checked(a - b), (a, b) => checked(a - b));
        Arithmetic(table, "_*_", (a, b) => checked(a * b), (a, b) => checked(a * b));
        Arithmetic(table, "_/_", (a, b) => a / b, (a, b) => a / b);
        Arithmetic(table, "_%_", (a, b) => b == -1 ? 0 : a % b, (a, b) => a % b);
        table.Function("-_", Int, (a, _) => Guarded(() => checked(-(long)a[0]!)), Int);
    }

    private static void Arithmetic(CelFunctionTable table, string name, Func<long, long, long> signed, Func<ulong, ulong, ulong> unsigned)
    {
        table.Function(name, Int, (a, _) => Guarded(() => signed((long)a[0]!, (long)a[1]!)), Int, Int);
        table.Function(name, Uint, (a, _) => Guarded(() => unsigned((ulong)a[0]!, (ulong)a[1]!)), Uint, Uint);
    }

    private static object Guarded<T>(Func<T> compute) where T : struct
    {
        try
        {
            return compute();
        }
        catch (OverflowException)
        {
            throw new CelEvaluationException("integer overflow");
        }
        catch (DivideByZeroException)
        {
            throw new CelEvaluationException("division by zero");
        }
    }

    private static void Reals(CelFunctionTable table)
    {
        table.Function("_+_", Real, (a, _) => (double)a[0]! + (double)a[1]!, Real, Real);
        table.Function("_-_", Real, (a, _) => (double)a[0]! - (double)a[1]!, Real, Real);
        table.Function("_*_", Real, (a, _) => (double)a[0]! * (double)a[1]!, Real, Real);
        table.Function("_/_", Real, (a, _) => (double)a[0]! / (double)a[1]!, Real, Real);
        table.Function("-_", Real, (a, _) => -(double)a[0]!, Real);
    }

    private static void Sums(CelFunctionTable table)
    {
        table.Function("_+_", Text, (a, budget) =>
        {
            budget.SpendText(((string)a[0]!).Length + ((string)a[1]!).Length);
            return (string)a[0]! + (string)a[1]!;
        }, Text, Text);
        table.Function("_+_", Bytes, (a, budget) =>
        {
            budget.SpendText(((byte[])a[0]!).Length + ((byte[])a[1]!).Length);
            return (byte[])[.. (byte[])a[0]!, .. (byte[])a[1]!];
        }, Bytes, Bytes);
        table.Add("_+_", false, types => types[0].Accepts(types[1]) ? types[0] : AnyList, (a, budget) => Joined((CelList)a[0]!, (CelList)a[1]!, budget), AnyList, AnyList);
        table.Function("_+_", Duration, (a, _) => Shifted(() => (TimeSpan)a[0]! + (TimeSpan)a[1]!), Duration, Duration);
        table.Function("_-_", Duration, (a, _) => Shifted(() => (TimeSpan)a[0]! - (TimeSpan)a[1]!), Duration, Duration);
        table.Function("_+_", Timestamp, (a, _) => Shifted(() => (DateTimeOffset)a[0]! + (TimeSpan)a[1]!), Timestamp, Duration);
        table.Function("_+_", Timestamp, (a, _) => Shifted(() => (DateTimeOffset)a[1]! + (TimeSpan)a[0]!), Duration, Timestamp);
        table.Function("_-_", Timestamp, (a, _) => Shifted(() => (DateTimeOffset)a[0]! - (TimeSpan)a[1]!), Timestamp, Duration);
        table.Function("_-_", Duration, (a, _) => Shifted(() => (DateTimeOffset)a[0]! - (DateTimeOffset)a[1]!), Timestamp, Timestamp);
    }

    private static object Shifted<T>(Func<T> compute) where T : struct
    {
        try
        {
            return compute();
        }
        catch (Exception problem) when (problem is OverflowException or ArgumentOutOfRangeException)
        {
            throw new CelEvaluationException("timestamp overflow");
        }
    }

    /// <summary>Both lists; of unordered lists (sets) those items of the second that the first has not.</summary>
    private static CelList Joined(CelList left, CelList right, CelBudget budget)
    {
        budget.Spend(left.Count + right.Count);
        var items = Enumerable.Range(0, left.Count).Select(i => left[i]).ToList();
        items.AddRange(Enumerable.Range(0, right.Count).Select(i => right[i]).Where(item => !left.Unordered || !Contains(left, item, budget)));
        return new CelList(items.Count, index => items[index], left.Unordered);
    }

    private static object? Item(CelList list, long index) =>
        index >= 0 && index < list.Count ? list[(int)index] : throw new CelEvaluationException($"index out of bounds: {index}");

    private static CelOptional Found(CelList list, long index) => index >= 0 && index < list.Count ? new CelOptional(true, list[(int)index]) : CelOptional.None;

    private static object? Value(CelMap map, object? key) =>
        map.TryGet(key, out var value) ? value : throw new CelEvaluationException($"no such key: {CelValue.Show(key)}");
}
