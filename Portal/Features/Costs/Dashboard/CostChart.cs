using System.Globalization;
using Portal.Components.Charts;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs.Dashboard;

/// <summary>A report as a chart: the six greatest rows and, as <c>Other</c>, what remains.</summary>
internal sealed record CostChart(IReadOnlyList<ChartColumn> Columns, IReadOnlyList<ChartSeries> Series, bool HasRest)
{
    public const int MostSeries = 6;

    /// <param name="href">Where a row's name leads to.</param>
    public static CostChart Of(CostReport report, CostMetric metric, Func<CostRow, string> href)
    {
        var rows = report.Rows.Where(row => row.Points.Any(point => ValueOf(point, metric) > 0)).OrderByDescending(row => row.Points.Sum(point => ValueOf(point, metric))).ToList();
        var series = rows.Take(MostSeries)
            .Select(row => new ChartSeries(CostWords.Name(report.Query.GroupBy, row.Value), [.. row.Points.Select(point => ValueOf(point, metric))], href(row)))
            .ToList();
        var rest = rows.Skip(MostSeries).ToList();
        if (rest.Count > 0)
        {
            var values = new double[report.Spans.Count];
            foreach (var row in rest)
            {
                for (var index = 0; index < values.Length; index++)
                {
                    values[index] += ValueOf(row.Points[index], metric);
                }
            }

            series.Add(new ChartSeries($"Other ({rest.Count})", values));
        }

        return new CostChart([.. report.Spans.Select(span => ColumnOf(span, report.Query))], series, rest.Count > 0);
    }

    /// <summary>Where a time is among the columns; null when it is in none.</summary>
    public static double? PositionOf(DateTime time, IReadOnlyList<BucketSpan> spans)
    {
        for (var index = 0; index < spans.Count; index++)
        {
            if (time >= spans[index].From && time < spans[index].To)
            {
                return index + ((time - spans[index].From) / (spans[index].To - spans[index].From));
            }
        }

        return null;
    }

    private static double ValueOf(CostPoint point, CostMetric metric) => metric switch
    {
        CostMetric.Cost => point.Nanos / 1e9,
        CostMetric.Calls => point.Calls,
        _ => point.Tokens,
    };

    private static ChartColumn ColumnOf(BucketSpan span, CostQuery query)
    {
        var (from, to) = (LocalTime.FromUtc(span.From, query.Zone), LocalTime.FromUtc(span.To, query.Zone));
        var isHour = query.Bucket == CostBucket.Hour;
        var label = from.ToString(isHour ? "HH:mm" : "d MMM", CultureInfo.InvariantCulture);
        var local = from.ToString(isHour || from.TimeOfDay != TimeSpan.Zero ? "ddd d MMM yyyy HH:mm" : "ddd d MMM yyyy", CultureInfo.InvariantCulture)
            + (isHour ? to.ToString(" – HH:mm", CultureInfo.InvariantCulture) : "");
        return new ChartColumn(label, string.Create(CultureInfo.InvariantCulture, $"{local} ({query.Zone.Id})\n{span.From:u} – {span.To:u}"));
    }
}
