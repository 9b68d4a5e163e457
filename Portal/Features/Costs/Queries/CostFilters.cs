namespace Portal.Features.Costs.Queries;

/// <summary>Values that usage must have: one of them for each dimension that has any. Immutable, in a fixed order.</summary>
public sealed class CostFilters : IEquatable<CostFilters>
{
    public const int MostValues = 20;
    public const int LongestValue = 300;

    private readonly (CostDimension Dimension, string Value)[] _items;

    private CostFilters(IEnumerable<(CostDimension, string)> items) =>
        _items = [.. items.Distinct().OrderBy(item => item.Item1).ThenBy(item => item.Item2, StringComparer.Ordinal)];

    public static CostFilters Empty { get; } = new([]);

    public IReadOnlyList<(CostDimension Dimension, string Value)> Items => _items;

    public IReadOnlyList<string> Of(CostDimension dimension) => [.. _items.Where(item => item.Dimension == dimension).Select(item => item.Value)];

    public bool Has(CostDimension dimension) => _items.Any(item => item.Dimension == dimension);

    public CostFilters With(CostDimension dimension, string value) => new(_items.Append((dimension, value)));

    public CostFilters Without(CostDimension dimension, string value) => new(_items.Where(item => item != (dimension, value)));

    public bool Equals(CostFilters? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as CostFilters);

    public override int GetHashCode() => _items.Aggregate(0, HashCode.Combine);
}
