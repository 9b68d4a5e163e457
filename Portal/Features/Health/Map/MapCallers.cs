using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Usage;

namespace Portal.Features.Health.Map;

/// <summary>Somebody called a flow in the last seven days.</summary>
/// <param name="Caller">The user, else the token, else the team; <c>unknown</c> when the calls do not say.</param>
public sealed record MapCall(string Flow, string Caller, long Calls);

/// <summary>Who called the flows of a namespace lately, from the hourly sums. Many callers are shown as one beyond the busiest.</summary>
public sealed class MapCallers(PortalDatabase database, TimeProvider clock)
{
    private const int Hours = 7 * 24;
    private const int Most = 40;

    public async Task<IReadOnlyList<MapCall>> ReadAsync(string @namespace, CancellationToken cancellationToken)
    {
        var since = (clock.GetUtcNow().ToUnixTimeSeconds() / 3600) - Hours + 1;

        // Added up by series first: otherwise SQLite reads all hours for each series of the namespace.
        var sums = await database.ReadAsync(context => context.UsageHours.Where(hour => hour.Hour >= since)
            .GroupBy(hour => hour.SeriesId).Select(group => new { SeriesId = group.Key, Calls = group.Sum(hour => hour.Calls) })
            .Join(context.UsageSeries.Where(series => series.Source == UsageLog.FromFlow && series.Namespace == @namespace), hour => hour.SeriesId, series => series.Id, (hour, series) => new { hour.Calls, series })
            .GroupBy(item => new { item.series.Flow, item.series.User, item.series.Token, item.series.Team })
            .Select(group => new { group.Key.Flow, group.Key.User, group.Key.Token, group.Key.Team, Calls = group.Sum(item => item.Calls) })
            .ToListAsync(cancellationToken));
        var calls = sums.GroupBy(sum => (sum.Flow, Caller: NameOf(sum.User, sum.Token, sum.Team))).Select(group => new MapCall(group.Key.Flow, group.Key.Caller, group.Sum(sum => sum.Calls))).ToList();
        var busiest = calls.GroupBy(call => call.Caller).OrderByDescending(group => group.Sum(call => call.Calls)).Take(Most).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        var others = calls.Select(call => call.Caller).Distinct().Count() - busiest.Count;
        return
        [
            .. calls.GroupBy(call => (call.Flow, Caller: busiest.Contains(call.Caller) ? call.Caller : $"{others:N0} others"))
                .Select(group => new MapCall(group.Key.Flow, group.Key.Caller, group.Sum(call => call.Calls))),
        ];
    }

    private static string NameOf(string user, string token, string team) => user.Length > 0 ? user : token.Length > 0 ? token : team.Length > 0 ? team : "unknown";
}
