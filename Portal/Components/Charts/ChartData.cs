namespace Portal.Components.Charts;

/// <summary>A column of a chart.</summary>
/// <param name="Label">Short, below the axis.</param>
/// <param name="Title">In full, for who points at it.</param>
public sealed record ChartColumn(string Label, string Title);

/// <summary>One layer of a stack.</summary>
/// <param name="Values">Of each column; none is negative.</param>
/// <param name="Href">Where its name leads to; null for nowhere.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<double> Values, string? Href = null);

/// <summary>Something that happened.</summary>
/// <param name="Position">Columns from the left, with fractions.</param>
public sealed record ChartMarker(double Position, string Title, string? Href = null);
