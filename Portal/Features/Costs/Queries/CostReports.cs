using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;

namespace Portal.Features.Costs.Queries;

/// <summary>
/// Sums of usage. They are read from sums by day and hour and, where a window does not begin or end at a full hour, from the calls themselves, so that whatever
/// is grouped by, the rows add up to what the single calls do. People see the namespaces they may read, and nothing of others.
/// </summary>
public sealed class CostReports(PortalDatabase database, PortalOptions options, TimeProvider clock)
{
    private const string Usual = "USD";

    /// <summary>Number of the span that is the window before.</summary>
    private const int Before = -1;

    /// <exception cref="AccessDeniedException">They may read no namespace.</exception>
    public async Task<CostReport> QueryAsync(CurrentUser user, CostQuery query, CancellationToken cancellationToken)
    {
        var (spans, isRounded) = Round(query.Spans);
        var (before, _) = Round([new BucketSpan(query.Window.FromBefore, query.Window.ToBefore)]);
        var cells = await CellsAsync(
            user, CostSpans.Of(spans.Select((span, index) => (index, span))), CostSpans.Of(before.Select(span => (Before, span))), query.GroupBy, query.Filters, cancellationToken);
        return ReportOf(query, spans, cells) with { IsRounded = isRounded };
    }

    /// <summary>What was used in each of some spans, by value of a dimension and currency.</summary>
    /// <exception cref="AccessDeniedException">They may read no namespace.</exception>
    internal async Task<IReadOnlyList<CostCell>> CellsAsync(CurrentUser user, IReadOnlyList<BucketSpan> spans, CostDimension groupBy, CostFilters filters, CancellationToken cancellationToken)
    {
        var parts = CostSpans.Of(spans.SelectMany((span, index) => Round([span]).Spans.Select(rounded => (index, rounded))));
        var cells = await CellsAsync(user, parts, new CostSpans([], [], []), groupBy, filters, cancellationToken);
        return
        [
            .. cells.GroupBy(cell => (cell.Span, cell.Value, cell.Currency)).Select(group => new CostCell(
                group.Key.Span, group.Key.Value, group.Key.Currency, group.Select(cell => cell.Sums).Aggregate((left, right) => left + right), group.Sum(cell => cell.Nanos)))
            .Where(cell => cell.Sums.Calls > 0),
        ];
    }

    private (IReadOnlyList<BucketSpan> Spans, bool IsRounded) Round(IReadOnlyList<BucketSpan> spans) =>
        CostSpans.Round(spans, clock.GetUtcNow().UtcDateTime - options.Usage.Retention, clock.GetUtcNow().UtcDateTime - options.Usage.HourlyRetention);

    private Task<IReadOnlyList<CostCell>> CellsAsync(CurrentUser user, CostSpans parts, CostSpans before, CostDimension groupBy, CostFilters filters, CancellationToken cancellationToken) =>
        database.SnapshotAsync(
            async context =>
            {
                var visible = await NamespacesAsync(context, user, cancellationToken);
                return await ReadAsync(new CostStatement(context, parts, before, groupBy, filters, visible), groupBy, cancellationToken);
            },
            cancellationToken);

    /// <summary>The namespaces of usage that somebody may read; null is all of them.</summary>
    /// <exception cref="AccessDeniedException">They may read no namespace.</exception>
    internal static async Task<IReadOnlyList<string>?> NamespacesAsync(PortalDbContext context, CurrentUser user, CancellationToken cancellationToken)
    {
        if (user.MayThroughout(Permission.ReadNamespace, "*"))
        {
            return null;
        }

        if (!user.MaySomewhere(Permission.ReadNamespace))
        {
            user.Demand(Permission.ReadNamespace, null);
        }

        var names = await context.UsageSeries.Select(series => series.Namespace).Distinct().ToListAsync(cancellationToken);
        return [.. names.Where(name => name.Length > 0 && user.May(Permission.ReadNamespace, name))];
    }

    private static async Task<IReadOnlyList<CostCell>> ReadAsync(CostStatement statement, CostDimension groupBy, CancellationToken cancellationToken)
    {
        var cells = new List<CostCell>();
        await using var command = statement.Command();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var parts = new string[groupBy.Columns().Count];
        while (await reader.ReadAsync(cancellationToken))
        {
            for (var index = 0; index < parts.Length; index++)
            {
                parts[index] = TextOf(reader, index + 1);
            }

            var (sums, nanos) = CostSums.Read(reader, parts.Length + 2);
            cells.Add(new CostCell(Convert.ToInt32(reader.GetValue(0), CultureInfo.InvariantCulture), groupBy.ValueOf(parts), reader.GetString(parts.Length + 1), sums, nanos));
        }

        return cells;
    }

    // The only number among them is that of a revision, and 0 is none.
    private static string TextOf(DbDataReader reader, int place) =>
        reader.GetValue(place) is string text ? text : Convert.ToString(reader.GetValue(place), CultureInfo.InvariantCulture) is "0" or null ? "" : reader.GetValue(place).ToString()!;

    private static CostReport ReportOf(CostQuery query, IReadOnlyList<BucketSpan> spans, IReadOnlyList<CostCell> cells)
    {
        var now = cells.Where(cell => cell.Span != Before).ToList();
        var currency = query.Currency ?? MainCurrency(now);
        var rows = cells.GroupBy(cell => cell.Value, StringComparer.Ordinal)
            .Select(group => RowOf(group.Key, [.. group], spans.Count, currency))
            // Of a day elsewhere hours may have been taken away again, and nothing be left.
            .Where(row => row.Now.Sums.Calls + row.Before.Sums.Calls > 0)
            .OrderByDescending(row => row.Now.NanosIn(currency)).ThenByDescending(row => row.Now.Sums.Calls).ThenBy(row => row.Value, StringComparer.Ordinal);
        return new CostReport { Query = query, Currency = currency, Rows = [.. rows], Total = FiguresOf(now), TotalBefore = FiguresOf(cells.Where(cell => cell.Span == Before)), Spans = spans };
    }

    private static CostRow RowOf(string value, IReadOnlyList<CostCell> cells, int spans, string currency)
    {
        var points = new CostPoint[spans];
        foreach (var cell in cells.Where(cell => cell.Span != Before))
        {
            var point = points[cell.Span];
            points[cell.Span] = new CostPoint(point.Nanos + (cell.Currency == currency ? cell.Nanos : 0), point.Calls + cell.Sums.Calls, point.Tokens + cell.Sums.Tokens);
        }

        return new CostRow(value, FiguresOf(cells.Where(cell => cell.Span != Before)), FiguresOf(cells.Where(cell => cell.Span == Before)), points);
    }

    private static CostFigures FiguresOf(IEnumerable<CostCell> cells)
    {
        var (sums, costs, calls) = (new CostSums(), new SortedDictionary<string, long>(StringComparer.Ordinal), new Dictionary<string, long>());
        foreach (var cell in cells)
        {
            sums += cell.Sums;
            if (cell.Currency.Length > 0)
            {
                costs[cell.Currency] = costs.GetValueOrDefault(cell.Currency) + cell.Nanos;
                calls[cell.Currency] = calls.GetValueOrDefault(cell.Currency) + cell.Sums.Calls;
            }
        }

        return new CostFigures(sums, [.. costs.Where(cost => calls[cost.Key] > 0).Select(cost => new Money(cost.Value, cost.Key))]);
    }

    // Amounts of two currencies cannot be compared, but calls can.
    private static string MainCurrency(IEnumerable<CostCell> cells) => cells.Where(cell => cell.Currency.Length > 0).GroupBy(cell => cell.Currency, StringComparer.Ordinal)
        .OrderByDescending(group => group.Sum(cell => cell.Sums.Calls)).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Key).FirstOrDefault(Usual);
}

/// <summary>Sums of one span, value and currency.</summary>
internal sealed record CostCell(int Span, string Value, string Currency, CostSums Sums, long Nanos);
