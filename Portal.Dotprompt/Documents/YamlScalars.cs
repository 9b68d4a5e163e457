using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Dotprompt.Documents;

/// <summary>Plain scalars by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): <c>yes</c> is text, <c>012</c> is twelve.</summary>
internal static partial class YamlScalars
{
    private const string Prefix = "tag:yaml.org,2002:";

    public static object? Resolve(string text, string? tag, bool plain)
    {
        if (tag is { Length: > 0 } && tag.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return tag[Prefix.Length..] switch
            {
                "null" => null,
                "bool" or "int" or "float" => Plain(text),
                _ => text,
            };
        }

        return plain && string.IsNullOrEmpty(tag) ? Plain(text) : text;
    }

    private static object? Plain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                return true;
            case "false" or "False" or "FALSE":
                return false;
        }

        if (!(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
        {
            return text;
        }

        if (IntegerPattern().IsMatch(text))
        {
            // Beyond 2^53 the reference loses precision too.
            var number = double.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            return Math.Abs(number) <= 1L << 53 ? (long)number : number;
        }

        if (text.StartsWith("0o", StringComparison.Ordinal))
        {
            return FromDigits(text, 8);
        }

        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return FromDigits(text, 16);
        }

        if (FloatPattern().IsMatch(text))
        {
            var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            return number == Math.Truncate(number) && Math.Abs(number) <= 1L << 53 ? (long)number : number;
        }

        return text switch
        {
            ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => double.PositiveInfinity,
            "-.inf" or "-.Inf" or "-.INF" => double.NegativeInfinity,
            ".nan" or ".NaN" or ".NAN" => double.NaN,
            _ => text,
        };
    }

    private static object FromDigits(string text, int radix)
    {
        var value = 0d;
        foreach (var c in text.AsSpan(2))
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix)
            {
                return text;
            }

            value = (value * radix) + digit;
        }

        return text.Length == 2 ? text : value <= 1L << 53 ? (long)value : value;
    }

    [GeneratedRegex("^[-+]?[0-9]+\\z")]
    private static partial Regex IntegerPattern();

    [GeneratedRegex("^[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\\z")]
    private static partial Regex FloatPattern();
}
