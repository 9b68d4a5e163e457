using System.Globalization;
using System.Text;

namespace Portal.Components.Charts;

/// <summary>The shapes of a stacked area chart: each column is as wide as any other, and a layer is level within a column, so that no value is drawn that was none.</summary>
internal sealed class ChartStack
{
    public const double Width = 1000;
    public const double Height = 280;
    public const double Left = 68;
    public const double Right = 800;
    public const double Top = 22;
    public const double Bottom = 252;
    private const double LabelHeight = 17;
    private const int MostLabels = 10;
    private static readonly double[] s_steps = [1, 2, 2.5, 5, 10];

    private readonly IReadOnlyList<ChartSeries> _series;
    private readonly double[][] _tops;
    private readonly int _columns;

    public ChartStack(int columns, IReadOnlyList<ChartSeries> series)
    {
        (_columns, _series) = (Math.Max(columns, 1), series);
        _tops = new double[series.Count][];
        var sum = new double[_columns];
        for (var index = 0; index < series.Count; index++)
        {
            for (var column = 0; column < columns; column++)
            {
                sum[column] += series[index].Values[column];
            }

            _tops[index] = [.. sum];
        }

        Totals = sum;
        Ticks = TicksFor(sum.Max());
    }

    /// <summary>Of each column.</summary>
    public IReadOnlyList<double> Totals { get; }

    /// <summary>Values with a line across, from 0 to one that is not below any column.</summary>
    public IReadOnlyList<double> Ticks { get; }

    public double ColumnWidth => (Right - Left) / _columns;

    /// <summary>Every how many columns one is named.</summary>
    public int LabelStep => (_columns + MostLabels - 1) / MostLabels;

    public double X(double column) => Left + (column * ColumnWidth);

    public double Y(double value) => Bottom - (value / Ticks[^1] * (Bottom - Top));

    /// <summary>The outline of a layer, for the attribute <c>d</c> of a path.</summary>
    public string PathOf(int index)
    {
        var path = new StringBuilder();
        path.Append(CultureInfo.InvariantCulture, $"M{X(0):0.##} {Y(_tops[index][0]):0.##}");
        for (var column = 0; column < _columns; column++)
        {
            path.Append(CultureInfo.InvariantCulture, $"V{Y(_tops[index][column]):0.##}H{X(column + 1):0.##}");
        }

        for (var column = _columns - 1; column >= 0; column--)
        {
            path.Append(CultureInfo.InvariantCulture, $"V{Y(Below(index, column)):0.##}H{X(column):0.##}");
        }

        return path.Append('Z').ToString();
    }

    /// <summary>Where the layers' names stand, beside the last column and never over each other.</summary>
    public IReadOnlyList<(ChartSeries Series, int Index, double Y)> Labels()
    {
        var places = _series.Select((series, index) => (Series: series, Index: index, Y: Y((_tops[index][_columns - 1] + Below(index, _columns - 1)) / 2))).ToList();
        // The lowest layer is drawn lowest: from the bottom up each keeps its distance, and what that pushes out of the top is moved down again together.
        var lowest = Bottom;
        for (var index = 0; index < places.Count; index++)
        {
            lowest = Math.Min(places[index].Y, lowest);
            places[index] = places[index] with { Y = lowest };
            lowest -= LabelHeight;
        }

        var highest = Top;
        for (var index = places.Count - 1; index >= 0; index--)
        {
            highest = Math.Max(places[index].Y, highest);
            places[index] = places[index] with { Y = highest };
            highest += LabelHeight;
        }

        return places;
    }

    private double Below(int index, int column) => index == 0 ? 0 : _tops[index - 1][column];

    private static IReadOnlyList<double> TicksFor(double highest)
    {
        if (highest <= 0)
        {
            return [0, 1];
        }

        var size = Math.Pow(10, Math.Floor(Math.Log10(highest / 4)));
        var step = s_steps.Select(factor => factor * size).First(candidate => candidate * 4 >= highest * 0.9999);
        var count = (int)Math.Ceiling(highest / step * 0.9999);
        return [.. Enumerable.Range(0, count + 1).Select(index => index * step)];
    }
}
