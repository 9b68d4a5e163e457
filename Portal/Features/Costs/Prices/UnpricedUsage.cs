using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Prices;

namespace Portal.Features.Costs.Prices;

/// <param name="HasPrice">Whether there is a price by now: then a recomputation mends it, or the provider did not say what was used.</param>
/// <param name="Calls">Calls whose cost is not known.</param>
public sealed record UnpricedModel(string Provider, string Model, bool HasPrice, long Calls, long InputTokens, long OutputTokens);

/// <summary>What was used lately and has no price: a list, and never a zero.</summary>
public sealed class UnpricedUsage(PortalDatabase database, PriceBook book, TimeProvider clock)
{
    public static readonly TimeSpan Lately = TimeSpan.FromDays(31);

    /// <summary>In the namespaces the user may read, the most used first.</summary>
    public async Task<IReadOnlyList<UnpricedModel>> ListAsync(CurrentUser user, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var first = (now - Lately).ToUnixTimeSeconds() / 86_400;
        var found = await database.ReadAsync(context => context.UsageDays
            .Where(day => day.Day >= first && day.Unpriced > 0)
            .Join(context.UsageSeries, day => day.SeriesId, series => series.Id, (day, series) => new { series.Namespace, series.Provider, series.Model, day.Unpriced, day.InputTokens, day.OutputTokens })
            .GroupBy(item => new { item.Namespace, item.Provider, item.Model })
            .Select(group => new { group.Key, Calls = group.Sum(item => item.Unpriced), Input = group.Sum(item => item.InputTokens), Output = group.Sum(item => item.OutputTokens) })
            .ToListAsync(cancellationToken));
        return
        [
            .. found.Where(item => user.May(Permission.ReadNamespace, item.Key.Namespace.Length == 0 ? null : item.Key.Namespace))
                .GroupBy(item => (item.Key.Provider, item.Key.Model))
                .Select(group => new UnpricedModel(group.Key.Provider, group.Key.Model, book.Find(group.Key.Provider, group.Key.Model, now) is not null,
                    group.Sum(item => item.Calls), group.Sum(item => item.Input), group.Sum(item => item.Output)))
                .OrderByDescending(item => item.Calls),
        ];
    }
}
