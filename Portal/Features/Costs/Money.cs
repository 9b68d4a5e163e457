using System.Globalization;

namespace Portal.Features.Costs;

/// <summary>An amount in billionths of a currency.</summary>
public readonly record struct Money(long Nanos, string Currency)
{
    private const decimal One = 1_000_000_000m;

    public decimal Amount => Nanos / One;

    /// <summary>With as many digits as small amounts need: <c>$0.0042</c>, <c>$0.00000004</c>, <c>$1.25</c>, <c>1.25 CHF</c>.</summary>
    public override string ToString() => Write(Amount, Currency);

    public static string Write(decimal amount, string currency)
    {
        var size = Math.Abs(amount);
        var digits = size is 0 or >= 1 ? "#,0.00" : size >= 0.01m ? "0.0000" : size >= 0.0001m ? "0.000000" : "0.000000###";
        var number = size.ToString(digits, CultureInfo.InvariantCulture);
        var sign = amount < 0 ? "−" : "";
        return currency switch
        {
            "USD" => $"{sign}${number}",
            "EUR" => $"{sign}€{number}",
            "GBP" => $"{sign}£{number}",
            _ => $"{sign}{number} {currency}".TrimEnd(),
        };
    }
}
