namespace Portal.Features.Costs;

/// <summary>
/// What a model costs from a day on. Amounts are millionths of a dollar for a million tokens, which is also millionths of a millionth for
/// one.
/// </summary>
public sealed record Price
{
    private static readonly System.Buffers.SearchValues<char> s_dateCharacters = System.Buffers.SearchValues.Create("0123456789-");

    public required string Provider { get; init; }

    /// <summary>The model's name; it also covers the name followed by a date, <c>-latest</c> or a number such as <c>-001</c>. <c>*</c> covers every model of the provider.</summary>
    public required string Model { get; init; }

    public required DateOnly ValidFrom { get; init; }
    public required long Input { get; init; }
    public required long Output { get; init; }

    /// <summary>Tokens read from the provider's cache; the input price when null.</summary>
    public long? CachedInput { get; init; }

    /// <summary>Tokens written to the provider's cache; the input price when null.</summary>
    public long? CacheWrite { get; init; }

    /// <summary>Says that this is no real price; null for real ones.</summary>
    public string? Label { get; init; }

    public bool Covers(string model) => Model == "*" || model == Model
        || (model.StartsWith(Model + "-", StringComparison.Ordinal) && IsVersion(model.AsSpan(Model.Length + 1)));

    private static bool IsVersion(ReadOnlySpan<char> suffix) =>
        suffix is "latest" || (suffix.Length is 3 or 8 or 10 && suffix.IndexOfAnyExcept(s_dateCharacters) < 0);
}

/// <param name="Micros">Millionths of a dollar.</param>
/// <param name="Label">Says that the price is not real, such as <c>demo price</c>; null for a real one.</param>
public sealed record Cost(long Micros, string? Label = null)
{
    /// <summary>With as many digits as small amounts need: <c>$0.0042</c>, <c>$1.25</c>.</summary>
    public override string ToString()
    {
        var dollars = Micros / 1_000_000m;
        var digits = dollars is 0 or >= 1 ? "0.00" : dollars >= 0.01m ? "0.0000" : "0.000000";
        return "$" + dollars.ToString(digits, System.Globalization.CultureInfo.InvariantCulture);
    }
}
