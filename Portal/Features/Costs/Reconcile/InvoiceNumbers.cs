using System.Buffers;
using System.Globalization;

namespace Portal.Features.Costs.Reconcile;

/// <summary>
/// How a table writes numbers: <c>1,234.56</c> or <c>1.234,56</c>. Told by those of its numbers that can be read in one way only; a mistake would make a cent a
/// hundred, so a table that does both is refused.
/// </summary>
/// <param name="CommaIsDecimal">Whether <c>0,5</c> is a half.</param>
internal sealed record InvoiceNumbers(bool CommaIsDecimal)
{
    private static readonly SearchValues<char> s_numeric = SearchValues.Create("0123456789.,");
    private static readonly char[] s_around = [' ', '\u00a0', '\u202f', '$', '€', '£', '¥'];

    /// <param name="cells">What stands where numbers are expected, with the number of its line.</param>
    /// <param name="separator">Between the columns: where it is a semicolon, the comma is needed for numbers.</param>
    /// <exception cref="FormatException">Some numbers have a decimal comma and others a decimal point.</exception>
    public static InvoiceNumbers Of(IEnumerable<(int Line, string Text)> cells, char separator)
    {
        (int Line, string Text)? comma = null, point = null;
        foreach (var cell in cells)
        {
            switch (HasDecimalComma(cell.Text))
            {
                case true:
                    comma ??= cell;
                    break;
                case false:
                    point ??= cell;
                    break;
            }

            if (comma is { } first && point is { } second)
            {
                throw new FormatException($"“{first.Text}” (line {first.Line}) is written with a decimal comma, “{second.Text}” (line {second.Line}) with a decimal point: write all numbers in one way");
            }
        }

        return new InvoiceNumbers(comma is not null || (point is null && separator == ';'));
    }

    /// <summary>Null when it is no number.</summary>
    public decimal? Read(string text)
    {
        var digits = Bare(text);
        var plain = CommaIsDecimal
            ? digits.Replace(".", "", StringComparison.Ordinal).Replace(',', '.')
            : digits.Replace(",", "", StringComparison.Ordinal);
        return decimal.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Null when it could be either, such as <c>1,234</c>, or is no number.</summary>
    private static bool? HasDecimalComma(string text)
    {
        var digits = Bare(text).TrimStart('-', '+');
        var exponent = digits.IndexOfAny(['e', 'E']);
        digits = exponent > 0 ? digits[..exponent] : digits;
        if (digits.Length == 0 || digits.AsSpan().ContainsAnyExcept(s_numeric))
        {
            return null;
        }

        var (comma, point) = (digits.LastIndexOf(','), digits.LastIndexOf('.'));
        return comma >= 0 && point >= 0 ? comma > point
            : comma >= 0 ? (IsGrouped(digits, ',') ? CouldBeEither(digits, ',') ? null : false : true)
            : point >= 0 ? (IsGrouped(digits, '.') ? CouldBeEither(digits, '.') ? null : true : false)
            : null;
    }

    /// <summary>Whether the mark divides thousands: <c>1,234</c>, <c>12,345,678</c>, and not <c>0,123</c>.</summary>
    private static bool IsGrouped(string digits, char mark)
    {
        var groups = digits.Split(mark);
        return groups[0] is { Length: >= 1 and <= 3 } and not ['0', ..] && groups.Skip(1).All(static group => group.Length == 3);
    }

    private static bool CouldBeEither(string digits, char mark) => digits.IndexOf(mark, StringComparison.Ordinal) == digits.LastIndexOf(mark);

    private static string Bare(string text) => string.Concat(text.Trim(s_around).Where(static character => character is not (' ' or '\u00a0' or '\u202f' or '\'')));
}
