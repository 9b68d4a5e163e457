using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Portal.Features.Costs.Queries;

/// <summary>
/// One statement that sums usage by span and dimension. One, so that the sums of hours and the calls at the window's ends are of the same moment. SQLite and
/// PostgreSQL both understand it.
/// </summary>
internal sealed class CostStatement
{
    private readonly StringBuilder _sql = new();
    private readonly List<object> _values = [];

    public CostStatement(CostSpans spans, CostDimension groupBy, CostFilters filters, IReadOnlyList<string>? namespaces)
    {
        var columns = groupBy.Columns().Append("Currency").Select(column => $"s.{column}").ToList();
        var sums = CostSums.Columns;
        WriteParts(spans);
        _sql.Append("SELECT t.n, ").AppendJoin(", ", columns).Append(", ").AppendJoin(", ", sums.Select(sum => $"CAST(SUM(t.{sum.Name}) AS BIGINT)"));
        _sql.Append(" FROM (SELECT p.n AS n, h.SeriesId AS SeriesId, ").AppendJoin(", ", sums.Select(sum => $"SUM({sum.OfHour}) AS {sum.Name}"))
            .Append(" FROM hour_parts p CROSS JOIN usage_hours h WHERE h.Hour >= p.a AND h.Hour < p.b GROUP BY p.n, h.SeriesId")
            .Append(" UNION ALL SELECT p.n AS n, u.SeriesId AS SeriesId, ").AppendJoin(", ", sums.Select(sum => $"SUM({sum.OfCall}) AS {sum.Name}"))
            .Append(" FROM second_parts p CROSS JOIN usage u WHERE u.StartedSecond >= p.a AND u.StartedSecond < p.b GROUP BY p.n, u.SeriesId) t")
            .Append(" JOIN usage_series s ON s.Id = t.SeriesId");
        WriteConditions(filters, namespaces, " WHERE ");
        _sql.Append(" GROUP BY t.n, ").AppendJoin(", ", columns);
    }

    /// <summary>Makes the command that a connection runs.</summary>
    public DbCommand On(DbConnection connection) => Command(connection, _sql.ToString(), _values);

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

    public static DbCommand Command(DbConnection connection, string sql, IReadOnlyList<object> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var index = 0; index < values.Count; index++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (NameOf(index), values[index]);
            command.Parameters.Add(parameter);
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

    private void WriteConditions(CostFilters filters, IReadOnlyList<string>? namespaces, string before) => AppendConditions(_sql, _values, filters, namespaces, before);

    private void WriteParts(CostSpans spans)
    {
        _sql.Append("WITH hour_parts (n, a, b) AS (").Append(Rows(spans.Hours)).Append("), second_parts (n, a, b) AS (").Append(Rows(spans.Seconds)).Append(") ");
    }

    // Numbers only; a list that is empty matches nothing.
    private static string Rows(IReadOnlyList<CostSpans.Part> parts) =>
        "VALUES " + string.Join(", ", parts.DefaultIfEmpty().Select(part => string.Create(CultureInfo.InvariantCulture, $"({part.Number}, {part.From}, {part.To})")));
}
