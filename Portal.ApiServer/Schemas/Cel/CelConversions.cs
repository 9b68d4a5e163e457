using System.Globalization;
using System.Text;
using static Portal.ApiServer.Schemas.Cel.CelType;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Conversions between types, and optional values.</summary>
internal static class CelConversions
{
    public static void Register(CelFunctionTable table)
    {
        table.Add("dyn", false, _ => Dyn, (a, _) => a[0], Dyn);
        table.Function("type", CelType.Type, (a, _) => CelValue.TypeOf(a[0]), Dyn);
        ToNumbers(table);
        foreach (var scalar in (ReadOnlySpan<CelType>)[Text, Bool, Int, Uint, Real, Bytes, Duration, Timestamp])
        {
            table.Function("string", Text, (a, budget) => Shown(a[0], budget), scalar);
        }

        table.Function("bytes", Bytes, (a, budget) =>
        {
            budget.SpendText(((string)a[0]!).Length);
            return Encoding.UTF8.GetBytes((string)a[0]!);
        }, Text);
        table.Function("bytes", Bytes, (a, _) => a[0], Bytes);
        table.Function("bool", Bool, (a, _) => a[0], Bool);
        table.Function("bool", Bool, (a, _) => a[0] switch
        {
            "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => (object)false,
            _ => throw Failed("bool"),
        }, Text);
        table.Function("duration", Duration, (a, _) => CelTime.ParseDuration((string)a[0]!), Text);
        table.Function("duration", Duration, (a, _) => a[0], Duration);
        table.Function("timestamp", Timestamp, (a, _) => CelTime.ParseTimestamp((string)a[0]!), Text);
        table.Function("timestamp", Timestamp, (a, _) => a[0], Timestamp);
        table.Function("timestamp", Timestamp, (a, _) => (long)a[0]! is >= -62135596800 and <= 253402300799 and var seconds
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new CelEvaluationException("timestamp overflow"), Int);
        Optionals(table);
    }

    private static void ToNumbers(CelFunctionTable table)
    {
        table.Function("int", Int, (a, _) => a[0], Int);
        table.Function("int", Int, (a, _) => (ulong)a[0]! <= long.MaxValue ? (long)(ulong)a[0]! : throw Overflow(), Uint);
        table.Function("int", Int, (a, _) => (double)a[0]! is > -9.3e18 and < 9.2233720368547748e18 and var real ? (long)real : throw Overflow(), Real);
        table.Function("int", Int, (a, _) => long.TryParse((string)a[0]!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Failed("int"), Text);
        table.Function("int", Int, (a, _) => ((DateTimeOffset)a[0]!).ToUnixTimeSeconds(), Timestamp);
        table.Function("uint", Uint, (a, _) => a[0], Uint);
        table.Function("uint", Uint, (a, _) => (long)a[0]! >= 0 ? (ulong)(long)a[0]! : throw Overflow(), Int);
        table.Function("uint", Uint, (a, _) => (double)a[0]! is >= 0 and < 1.8446744073709552e19 and var real ? (ulong)real : throw Overflow(), Real);
        table.Function("uint", Uint, (a, _) => ulong.TryParse((string)a[0]!, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Failed("uint"), Text);
        table.Function("double", Real, (a, _) => a[0], Real);
        table.Function("double", Real, (a, _) => (double)(long)a[0]!, Int);
        table.Function("double", Real, (a, _) => (double)(ulong)a[0]!, Uint);
        table.Function("double", Real, (a, _) => double.TryParse((string)a[0]!, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Failed("double"), Text);
    }

    private static void Optionals(CelFunctionTable table)
    {
        table.Add("optional.of", false, types => OptionalOf(types[0]), (a, _) => new CelOptional(true, a[0]), Dyn);
        table.Function("optional.none", AnyOptional, (_, _) => CelOptional.None);
        table.Add("optional.ofNonZeroValue", false, types => OptionalOf(types[0]), (a, _) => IsZero(a[0]) ? CelOptional.None : new CelOptional(true, a[0]), Dyn);
        table.Member("hasValue", Bool, (a, _) => ((CelOptional)a[0]!).HasValue, AnyOptional);
        table.Add("value", true, types => types[0].Element ?? Dyn, (a, _) => a[0] is CelOptional { HasValue: true } some
            ? some.Value
            : throw new CelEvaluationException("optional.none() dereference"), AnyOptional);
        table.Add("orValue", true, types => types[1], (a, _) => a[0] is CelOptional { HasValue: true } some ? some.Value : a[1], AnyOptional, Dyn);
        table.Add("or", true, types => types[0], (a, _) => a[0] is CelOptional { HasValue: true } some ? some : a[1], AnyOptional, AnyOptional);
    }

    private static bool IsZero(object? value) => value switch
    {
        null or false or 0L or 0UL or 0d or "" => true,
        byte[] bytes => bytes.Length == 0,
        CelList list => list.Count == 0,
        CelMap map => map.Count == 0,
        TimeSpan duration => duration == TimeSpan.Zero,
        _ => false,
    };

    private static string Shown(object? value, CelBudget budget)
    {
        var text = CelValue.Show(value)!;
        budget.SpendText(text.Length);
        return text;
    }

    private static CelEvaluationException Overflow() => new("integer overflow");

    private static CelEvaluationException Failed(string type) => new($"type conversion error from 'string' to '{type}'");
}
