using System.Globalization;

namespace Portal.Dotprompt.Text;

/// <summary>Text rules of ECMAScript that the reference implementation inherits and .NET does differently.</summary>
internal static class JsText
{
    /// <summary>The class <c>\s</c> of ECMAScript: unlike .NET's it has U+FEFF and lacks U+0085.</summary>
    public static bool IsWhiteSpace(char c) => c switch
    {
        ' ' or '\t' or '\n' or '\v' or '\f' or '\r' => true,
        < '\u00A0' => false,
        '\u00A0' or '\u1680' or '\u2028' or '\u2029' or '\u202F' or '\u205F' or '\u3000' or '\uFEFF' => true,
        _ => c is >= '\u2000' and <= '\u200A',
    };

    public static bool IsBlank(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!IsWhiteSpace(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Start and end of the text without white space around it.</summary>
    public static (int Start, int End) TrimBounds(string text, int start, int end)
    {
        while (start < end && IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return (start, end);
    }

    /// <summary>A number as ECMAScript's <c>Number::toString</c> writes it: <c>1</c>, <c>0.1</c>, <c>1e+21</c>, <c>1e-7</c>.</summary>
    public static string FromNumber(double value)
    {
        if (double.IsNaN(value))
        {
            return "NaN";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "Infinity" : "-Infinity";
        }

        if (value == 0)
        {
            return "0";
        }

        if (Math.Abs(value) < 1e15 && value == Math.Truncate(value))
        {
            return ((long)value).ToString(CultureInfo.InvariantCulture);
        }

        // Between these .NET's shortest form is the one of ECMAScript.
        if (Math.Abs(value) is >= 1e-4 and < 1e15)
        {
            return value.ToString("R", CultureInfo.InvariantCulture);
        }

        var sign = value < 0 ? "-" : "";
        var (digits, exponent) = ShortestDigits(Math.Abs(value));
        return sign + Place(digits, exponent);
    }

    /// <summary>Digits without leading or trailing zeros, and where the decimal point stands counted from their start.</summary>
    private static (string Digits, int Point) ShortestDigits(double value)
    {
        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = int.Parse(text.AsSpan(text.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mark < 0 ? shortest : shortest[..mark];
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        if (mark >= 0)
        {
            exponent = int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }

        return (digits, exponent + 1);
    }

    private static string Place(string digits, int point)
    {
        var count = digits.Length;
        if (count <= point && point <= 21)
        {
            return digits + new string('0', point - count);
        }

        if (point is > 0 and <= 21)
        {
            return string.Concat(digits.AsSpan(0, point), ".", digits.AsSpan(point));
        }

        if (point is > -6 and <= 0)
        {
            return string.Concat("0.", new string('0', -point), digits);
        }

        var exponent = point - 1;
        var mantissa = count == 1 ? digits : string.Concat(digits.AsSpan(0, 1), ".", digits.AsSpan(1));
        return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}");
    }
}
