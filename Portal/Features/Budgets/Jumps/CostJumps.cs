using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Prices;

namespace Portal.Features.Budgets.Jumps;

/// <summary>The cost jumps of all flows and prompts, looked for again when what is known is older than a few minutes.</summary>
public sealed class CostJumps(PortalDatabase database, TimeProvider clock) : IDisposable
{
    private const int HourSeconds = 3600;

    // A revision that was there in the first hours is none that came.
    private const int FirstHours = 3;
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(3);
    private readonly SemaphoreSlim _reading = new(1);
    private (long ReadAt, IReadOnlyList<CostJumpNote> Notes)? _known;

    /// <summary>Those in namespaces the user may see, the largest first.</summary>
    public async Task<IReadOnlyList<CostJumpNote>> ListAsync(CurrentUser user, CancellationToken cancellationToken) =>
        [.. (await AllAsync(cancellationToken)).Where(note => user.May(Permission.ReadNamespace, note.Namespace))];

    public void Dispose() => _reading.Dispose();

    private async Task<IReadOnlyList<CostJumpNote>> AllAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_known is not { } known || clock.GetElapsedTime(known.ReadAt) > s_fresh)
            {
                known = (clock.GetTimestamp(), await FindAsync(cancellationToken));
                _known = known;
            }

            return known.Notes;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<IReadOnlyList<CostJumpNote>> FindAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var from = (now - CostJumpDetector.Lookback).ToUnixTimeSeconds() / HourSeconds;
        var cells = await database.ReadAsync(context => context.UsageHours.Where(hour => hour.Hour >= from)
            .Join(context.UsageSeries.Where(series => series.Currency != "" && series.Prompt != UsageSeries.Other && series.Flow != UsageSeries.Other),
                hour => hour.SeriesId, series => series.Id, (hour, series) => new { hour, series })
            .GroupBy(pair => new { pair.hour.Hour, pair.series.Namespace, pair.series.Flow, pair.series.Prompt, pair.series.Revision, pair.series.Provider, pair.series.Model, pair.series.Currency })
            .Select(group => new Cell(group.Key.Hour, group.Key.Namespace, group.Key.Flow, group.Key.Prompt, group.Key.Revision, group.Key.Provider, group.Key.Model, group.Key.Currency,
                group.Sum(pair => pair.hour.Calls - pair.hour.Unpriced), group.Sum(pair => pair.hour.CostNanos)))
            .ToListAsync(cancellationToken));
        var prices = await PricesAsync(now, cancellationToken);
        var notes = new List<CostJumpNote>();
        foreach (var group in cells.GroupBy(cell => (cell.Namespace, cell.Flow, cell.Prompt, cell.Currency)))
        {
            var hours = group.GroupBy(cell => cell.Hour).OrderBy(hour => hour.Key).Select(hour => new CostHour(At(hour.Key), hour.Sum(cell => cell.Calls), hour.Sum(cell => cell.Nanos))).ToList();
            if (CostJumpDetector.Find(hours, [.. RevisionsOf([.. group]), .. CausesOf(prices, [.. group])], now) is { } jump)
            {
                notes.Add(new CostJumpNote(group.Key.Namespace, group.Key.Flow, group.Key.Prompt, group.Key.Currency, jump));
            }
        }

        return [.. notes.OrderByDescending(note => note.Jump.After - note.Jump.Before)];
    }

    private Task<List<PriceRow>> PricesAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var from = (now - CostJumpDetector.Lookback).UtcDateTime;
        return database.ReadAsync(context => context.Prices.Where(price => price.RemovedAt == null && (price.CreatedAt >= from || price.ValidFrom >= from)).ToListAsync(cancellationToken));
    }

    private static IEnumerable<CostCause> RevisionsOf(List<Cell> cells)
    {
        var begin = cells.Min(cell => cell.Hour) + FirstHours;
        return cells.Where(cell => cell.Revision > 0).GroupBy(cell => cell.Revision).Select(group => (Revision: group.Key, First: group.Min(cell => cell.Hour))).Where(item => item.First >= begin)
            .Select(item => new CostCause(
                At(item.First), string.Create(CultureInfo.InvariantCulture, $"revision r{item.Revision} of {cells[0].Prompt}"),
                $"/ns/{Uri.EscapeDataString(cells[0].Namespace)}/prompts/{Uri.EscapeDataString(cells[0].Prompt)}/history"));
    }

    /// <summary>A price works from when it is valid, and from when it was entered when that is later.</summary>
    private static IEnumerable<CostCause> CausesOf(List<PriceRow> prices, List<Cell> cells)
    {
        var models = cells.Select(cell => (cell.Provider, cell.Model)).Distinct().ToList();
        return prices.Where(price => models.Exists(model => model.Provider.Equals(price.Provider, StringComparison.OrdinalIgnoreCase) && ModelPattern.Covers(price.Model, model.Model)))
            .SelectMany(price => new[] { price.ValidFrom, price.CreatedAt }.Distinct()
                .Select(at => new CostCause(new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)), $"the new price of {price.Provider}/{price.Model}", "/costs/prices")));
    }

    private static DateTimeOffset At(long hour) => DateTimeOffset.FromUnixTimeSeconds(hour * HourSeconds);

    /// <param name="Calls">That have a price.</param>
    private sealed record Cell(long Hour, string Namespace, string Flow, string Prompt, int Revision, string Provider, string Model, string Currency, long Calls, long Nanos);
}
