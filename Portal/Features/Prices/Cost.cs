using System.Globalization;

namespace Portal.Features.Prices;

/// <summary>An amount of money that calls cost.</summary>
/// <param name="Nanos">Billionths of the currency.</param>
/// <param name="Label">Says that the price is not real, such as <c>demo price</c>; null for a real one.</param>
public sealed record Cost(long Nanos, string? Label = null)
{
    public const string Dollars = "USD";

    public string Currency { get; init; } = Dollars;

    /// <summary>The price it was made of; null when no one price was.</summary>
    public long? PriceId { get; init; }

    /// <summary>Millionths of the currency, rounded.</summary>
    public long Micros => (long)decimal.Round(Nanos / 1_000m, MidpointRounding.AwayFromZero);

    public static Cost OfMicros(long micros, string? label = null) => new(micros * 1_000, label);

    /// <summary>What stands before an amount: <c>$</c>, or the currency and a space.</summary>
    public static string Sign(string currency) => currency == Dollars ? "$" : currency + " ";

    /// <summary>With as many digits as small amounts need: <c>$0.0042</c>, <c>$1.25</c>, <c>EUR 3.10</c>.</summary>
    public override string ToString()
    {
        var amount = Nanos / 1_000_000_000m;
        var digits = amount is 0 || Math.Abs(amount) >= 1 ? "0.00" : Math.Abs(amount) >= 0.01m ? "0.0000" : "0.000000";
        return Sign(Currency) + amount.ToString(digits, CultureInfo.InvariantCulture);
    }
}
