using System.Data.Common;
using System.Globalization;
using System.Text;
using Portal.Data;

namespace Portal.Features.Costs.Queries;

/// <summary>
/// One statement that sums usage by span and dimension. One, so that days, hours and single calls are of the same moment; rows of the same span and value come
/// from each, and are to be added.
/// </summary>
internal sealed class CostStatement
{
    private readonly PortalDbContext _context;
    private readonly StringBuilder _sql = new();
    private readonly List<object> _values = [];

    /// <param name="context">Where it is asked; its connection is open.</param>
    /// <param name="spans">Of which all sums are made.</param>
    /// <param name="before">Of which only calls and costs are: all that is compared. The others are 0.</param>
    /// <param name="namespaces">Those that may be seen; null is all.</param>
    public CostStatement(PortalDbContext context, CostSpans spans, CostSpans before, CostDimension groupBy, CostFilters filters, IReadOnlyList<string>? namespaces)
    {
        _context = context;
        var columns = string.Join(", ", groupBy.Columns().Append("Currency").Select(column => $"s.{column}"));
        var conditions = new StringBuilder();
        AppendConditions(conditions, _values, filters, namespaces, " AND ");
        AppendSums(spans, columns, conditions, isCompared: false);
        AppendSums(before, columns, conditions, isCompared: true);
        if (_sql.Length == 0)
        {
            AppendSums(new CostSpans([new CostSpans.Part(0, 1, 0, 0)], [], []), columns, conditions, isCompared: true);
        }
    }

    public DbCommand Command() => Command(_context, _sql.ToString(), _values);

    /// <summary>Adds what series must be like, as conditions on <c>usage_series s</c>.</summary>
    /// <param name="namespaces">Those that may be seen; null is all.</param>
    public static void AppendConditions(StringBuilder sql, List<object> values, CostFilters filters, IReadOnlyList<string>? namespaces, string before)
    {
        foreach (var dimension in filters.Items.GroupBy(item => item.Dimension, item => item.Value))
        {
            sql.Append(before).Append('(').AppendJoin(" OR ", dimension.Select(value => ConditionOf(values, dimension.Key, value))).Append(')');
            before = " AND ";
        }

        if (namespaces is not null)
        {
            sql.Append(before).Append(namespaces.Count == 0 ? "1 = 0" : $"s.Namespace IN ({string.Join(", ", namespaces.Select(name => Parameter(values, name)))})");
        }
    }

    /// <param name="values">Of the parameters <c>@p0</c>, <c>@p1</c> and so on.</param>
    public static DbCommand Command(PortalDbContext context, string sql, IReadOnlyList<object> values)
    {
        var command = context.CommandOf(sql);
        for (var index = 0; index < values.Count; index++)
        {
            command.Add(NameOf(index), values[index]);
        }

        return command;
    }

    private static string ConditionOf(List<object> values, CostDimension dimension, string value)
    {
        var columns = dimension.Columns();
        if (value.Length == 0)
        {
            return dimension == CostDimension.Revision ? "s.Revision = 0" : $"s.{columns[^1]} = ''";
        }

        var parts = dimension.PartsOf(value)!;
        return $"({string.Join(" AND ", columns.Select((column, index) => $"s.{column} = {Parameter(values, Typed(column, parts[index]))}"))})";
    }

    // What is no number is the number of no revision.
    private static object Typed(string column, string part) =>
        column != "Revision" ? part : int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static string Parameter(List<object> values, object value)
    {
        values.Add(value);
        return NameOf(values.Count - 1);
    }

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"@p{index}");

    private void AppendSums(CostSpans spans, string columns, StringBuilder conditions, bool isCompared)
    {
        AppendSums(spans.Days, columns, "usage_days", "Day", sum => $"x.{sum.Name}", conditions, isCompared);
        AppendSums(spans.Hours, columns, "usage_hours", "Hour", sum => $"p.k * x.{sum.Name}", conditions, isCompared);
        AppendSums(spans.Seconds, columns, "usage", "StartedSecond", sum => sum.OfCall, conditions, isCompared);
    }

    private void AppendSums(
        IReadOnlyList<CostSpans.Part> parts, string columns, string table, string time, Func<(string Name, string OfCall), string> sumOf, StringBuilder conditions, bool isCompared)
    {
        if (parts.Count > 0)
        {
            var sums = CostSums.Columns.Select(sum => isCompared && sum.Name is not ("Calls" or "CostNanos") ? "CAST(0 AS BIGINT)" : $"CAST(SUM({sumOf(sum)}) AS BIGINT)");
            _sql.Append(_sql.Length > 0 ? " UNION ALL " : "").Append("SELECT p.n, ").Append(columns).Append(", ").AppendJoin(", ", sums)
                .Append(" FROM (SELECT column1 AS n, column2 AS k, column3 AS a, column4 AS b FROM (").Append(Rows(parts)).Append(") v) p")
                .Append(CultureInfo.InvariantCulture, $" {_context.RangeJoin(table, time)} CROSS JOIN usage_series s WHERE s.Id = x.SeriesId")
                .Append(conditions).Append(" GROUP BY p.n, ").Append(columns);
        }
    }

    // Numbers only.
    private static string Rows(IReadOnlyList<CostSpans.Part> parts) =>
        "VALUES " + string.Join(", ", parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"({part.Number}, {part.Sign}, {part.From}, {part.To})")));
}
