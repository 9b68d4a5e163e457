using System.Globalization;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs.Dashboard;

/// <summary>How figures and values of dimensions are written for people.</summary>
internal static class CostWords
{
    public static string Name(CostDimension dimension, string value) => value.Length == 0
        ? $"no {(dimension == CostDimension.Revision ? "known revision" : dimension.Word())}"
        : dimension == CostDimension.Revision && value.LastIndexOf('@') is var at and > 0 ? $"{value[..at]} r{value[(at + 1)..]}" : value;

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three digits and a unit: <c>1.25M</c>.</summary>
    public static string Short(double number) => Math.Abs(number) switch
    {
        >= 1e9 => (number / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + "B",
        >= 1e6 => (number / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (number / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + "k",
        _ => number.ToString("#,0.##", CultureInfo.InvariantCulture),
    };

    public static string Percent(double? part) => part is { } value ? (value * 100).ToString(Math.Abs(value) < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %" : "–";

    /// <summary>With its sign; <c>new</c> for what was nothing before.</summary>
    public static string Change(double? change, long now) => change is { } value
        ? (value > 0 ? "+" : "") + Percent(value).Replace("-", "−", StringComparison.Ordinal)
        : now > 0 ? "new" : "–";

    /// <summary>All currencies, one after the other, as they cannot be added.</summary>
    public static string Amounts(IReadOnlyList<Money> costs, string currency) =>
        costs.Count == 0 ? new Money(0, currency).ToString() : string.Join(" + ", costs.OrderByDescending(cost => cost.Currency == currency));

    public static string Value(CostMetric metric, double value, string currency) =>
        metric == CostMetric.Cost ? Money.Write((decimal)value, currency) : Short(value);
}
