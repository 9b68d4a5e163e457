using System.Globalization;

namespace Portal.Components;

/// <summary>Numbers of things in words.</summary>
public static class Quantity
{
    /// <summary><c>1 flow</c>, <c>2,000 flows</c>. The plural takes an s unless another is given.</summary>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");

    /// <summary><c>12 flows</c> when all are shown, else <c>1 of 12 flows</c>.</summary>
    public static string Of(int shown, int all, string one) =>
        shown == all ? Of(all, one) : string.Create(CultureInfo.InvariantCulture, $"{shown:N0} of {Of(all, one)}");
}
