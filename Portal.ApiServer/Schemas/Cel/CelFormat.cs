using System.Globalization;
using System.Text;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>The <c>format</c> function: <c>%s %d %f %e %x %X %o %b %%</c>, with a precision for <c>%f</c> and <c>%e</c>.</summary>
internal static class CelFormat
{
    private const int MaxPrecision = 100;

    /// <exception cref="CelEvaluationException">A clause is unknown, or its argument is missing or of another type.</exception>
    public static string Format(string format, CelList arguments, CelBudget budget)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            var clause = ++i < format.Length ? format[i] : throw new CelEvaluationException("unexpected end of string");
            var precision = 6;
            if (clause == '.')
            {
                var digits = i + 1;
                for (i++; i < format.Length && char.IsAsciiDigit(format[i]); i++)
                {
                }

                clause = i < format.Length ? format[i] : throw new CelEvaluationException("unexpected end of string");
                precision = int.TryParse(format.AsSpan(digits, i - digits), NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given <= MaxPrecision
                    ? given
                    : throw new CelEvaluationException("could not parse precision");
            }

            if (clause == '%')
            {
                text.Append('%');
                continue;
            }

            var argument = next < arguments.Count ? arguments[next++] : throw new CelEvaluationException($"index {next} out of range");
            var shown = Clause(clause, precision, argument);
            budget.SpendText(shown.Length);
            text.Append(shown);
        }

        budget.SpendText(text.Length);
        return text.ToString();
    }

    private static string Clause(char clause, int precision, object? value) => (clause, value) switch
    {
        ('s', _) => Show(value, 0),
        ('d', long or ulong) => CelValue.Show(value)!,
        ('f', double or long or ulong) => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("F" + precision, CultureInfo.InvariantCulture),
        ('e', double or long or ulong) => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString($"0.{new string('0', precision)}e+00", CultureInfo.InvariantCulture),
        ('x', long number) => number.ToString("x", CultureInfo.InvariantCulture),
        ('X', long number) => number.ToString("X", CultureInfo.InvariantCulture),
        ('x', string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)),
        ('X', string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text)),
        ('x', byte[] bytes) => Convert.ToHexStringLower(bytes),
        ('o', long number) => Convert.ToString(number, 8),
        ('b', long number) => number.ToString("b", CultureInfo.InvariantCulture),
        ('b', bool flag) => flag ? "1" : "0",
        _ => throw new CelEvaluationException($"no formatting clause '%{clause}' for a value of type {CelValue.TypeOf(value)}"),
    };

    private static string Show(object? value, int depth) => value switch
    {
        null => "null",
        CelType type => type.ToString(),
        CelList list when depth < 10 => "[" + string.Join(", ", CelListFunctions.Items(list).Select(item => Show(item, depth + 1))) + "]",
        CelMap { IsObject: false } map when depth < 10 =>
            "{" + string.Join(", ", map.Keys.Select(key => Show(key, depth + 1) + ": " + (map.TryGet(key, out var found) ? Show(found, depth + 1) : ""))) + "}",
        _ => CelValue.Show(value) ?? throw new CelEvaluationException($"no formatting clause '%s' for a value of type {CelValue.TypeOf(value)}"),
    };
}
