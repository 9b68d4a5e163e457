using static Portal.ApiServer.Schemas.Cel.CelType;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Sizes, and functions of lists and of lists as sets.</summary>
internal static class CelListFunctions
{
    public static void Register(CelFunctionTable table)
    {
        foreach (var (type, size) in new (CelType, Func<object?, CelBudget, object>)[]
        {
            (Text, (value, budget) => CelTextFunctions.Length((string)value!, budget)),
            (Bytes, (value, _) => (long)((byte[])value!).Length),
            (AnyList, (value, _) => (long)((CelList)value!).Count),
            (AnyMap, (value, _) => (long)((CelMap)value!).Count),
        })
        {
            table.Function("size", Int, (a, budget) => size(a[0], budget), type);
            table.Member("size", Int, (a, budget) => size(a[0], budget), type);
        }

        table.Member("isSorted", Bool, (a, budget) => Pairs((CelList)a[0]!, budget).All(pair => Order(pair.Item1, pair.Item2, budget) <= 0), AnyList);
        table.Add("sum", true, types => types[0].Element ?? Dyn, Sum, AnyList);
        table.Add("min", true, types => types[0].Element ?? Dyn, (a, budget) => Best((CelList)a[0]!, -1, "min", budget), AnyList);
        table.Add("max", true, types => types[0].Element ?? Dyn, (a, budget) => Best((CelList)a[0]!, 1, "max", budget), AnyList);
        table.Member("indexOf", Int, (a, budget) => IndexOf((CelList)a[0]!, a[1], false, budget), AnyList, Dyn);
        table.Member("lastIndexOf", Int, (a, budget) => IndexOf((CelList)a[0]!, a[1], true, budget), AnyList, Dyn);
        table.Add("distinct", true, types => types[0], (a, budget) => Distinct((CelList)a[0]!, budget), AnyList);
        table.Function("sets.contains", Bool, (a, budget) => Covers((CelList)a[0]!, (CelList)a[1]!, budget), AnyList, AnyList);
        table.Function(
            "sets.equivalent", Bool, (a, budget) => Covers((CelList)a[0]!, (CelList)a[1]!, budget) && Covers((CelList)a[1]!, (CelList)a[0]!, budget), AnyList, AnyList);
        table.Function(
            "sets.intersects", Bool, (a, budget) => Items((CelList)a[0]!).Any(item => CelOperators.Contains((CelList)a[1]!, item, budget)), AnyList, AnyList);
    }

    public static IEnumerable<object?> Items(CelList list) => Enumerable.Range(0, list.Count).Select(index => list[index]);

    private static bool Covers(CelList list, CelList wanted, CelBudget budget) => Items(wanted).All(item => CelOperators.Contains(list, item, budget));

    private static IEnumerable<(object?, object?)> Pairs(CelList list, CelBudget budget)
    {
        for (var i = 1; i < list.Count; i++)
        {
            budget.Spend(1);
            yield return (list[i - 1], list[i]);
        }
    }

    private static int Order(object? left, object? right, CelBudget budget)
    {
        budget.SpendText((left as string)?.Length ?? 0);
        return CelValue.Compare(left, right) ?? throw new CelEvaluationException("no such overload");
    }

    private static object? Sum(object?[] arguments, CelBudget budget)
    {
        var list = (CelList)arguments[0]!;
        return list.Count == 0 ? 0L : Items(list).Aggregate((sum, item) => CelFunctions.Call("_+_", false, [sum, item], budget));
    }

    private static object? Best(CelList list, int sign, string name, CelBudget budget) => list.Count == 0
        ? throw new CelEvaluationException($"{name} called on empty list")
        : Items(list).Aggregate((best, item) => Order(item, best, budget) * sign > 0 ? item : best);

    private static object IndexOf(CelList list, object? wanted, bool last, CelBudget budget)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var index = last ? list.Count - 1 - i : i;
            if (CelValue.Same(list[index], wanted, budget))
            {
                return (long)index;
            }
        }

        return -1L;
    }

    private static CelList Distinct(CelList list, CelBudget budget)
    {
        var kept = new List<object?>();
        foreach (var item in Items(list))
        {
            if (!CelOperators.Contains(CelList.Of(kept), item, budget))
            {
                kept.Add(item);
            }
        }

        return CelList.Of(kept);
    }
}
