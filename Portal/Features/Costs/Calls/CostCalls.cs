using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs.Calls;

/// <summary>Which calls of a view are listed.</summary>
public enum CallChoice
{
    All,
    Unpriced,
    Errors,
}

/// <summary>A call with the currency of its cost.</summary>
public sealed record PricedCall(UsageRow Call, string Currency)
{
    /// <summary>Null when it is not known.</summary>
    public Money? Cost => Call.CostNanos is { } nanos ? new Money(nanos, Currency) : null;
}

/// <param name="Items">Newest first.</param>
/// <param name="Next">What to send for the calls after them; null when there are none.</param>
public sealed record CallPageOf(IReadOnlyList<PricedCall> Items, string? Next);

/// <summary>One call with what it belongs to.</summary>
/// <param name="ReleaseId">The request that published its prompt's revision; null when none did.</param>
/// <param name="HasRun">Whether it was a run of the playground that is still kept.</param>
public sealed record CallDetail(PricedCall Priced, long? ReleaseId, bool HasRun);

/// <summary>The single calls behind the sums, as long as they are kept.</summary>
public sealed class CostCalls(PortalDatabase database)
{
    public const int MostOfPage = 1000;

    /// <param name="user">Sees calls of the namespaces they may read.</param>
    /// <param name="query">Of it, the window and the filters.</param>
    /// <param name="after">What the page before named as next; null begins with the newest.</param>
    /// <exception cref="FormatException"><paramref name="after"/> is none.</exception>
    /// <exception cref="AccessDeniedException">They may read no namespace.</exception>
    public Task<CallPageOf> ListAsync(CurrentUser user, CostQuery query, CallChoice choice, string? after, int count, CancellationToken cancellationToken) =>
        database.ReadAsync(async context =>
        {
            var namespaces = await CostReports.NamespacesAsync(context, user, cancellationToken);
            var places = await PlacesAsync(context, query, choice, namespaces, after is null ? null : CallPlace.Parse(after), count + 1, cancellationToken);
            var ids = places.Take(count).Select(place => place.CallId).ToList();
            var calls = await context.Usage.Where(call => ids.Contains(call.CallId))
                .Join(context.UsageSeries, call => call.SeriesId, series => series.Id, (call, series) => new { Call = call, series.Currency })
                .ToDictionaryAsync(item => item.Call.CallId, cancellationToken);
            return new CallPageOf(
                [.. ids.Where(calls.ContainsKey).Select(id => new PricedCall(calls[id].Call, calls[id].Currency))],
                places.Count > count ? places[count - 1].ToString() : null);
        });

    /// <summary>Null when there is none, or none that this person may see.</summary>
    public Task<CallDetail?> FindAsync(CurrentUser user, string callId, CancellationToken cancellationToken) => database.ReadAsync(async context =>
    {
        var found = await context.Usage.Where(call => call.CallId == callId)
            .Join(context.UsageSeries, call => call.SeriesId, series => series.Id, (call, series) => new { Call = call, series.Currency })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null || !user.May(Permission.ReadNamespace, found.Call.Namespace))
        {
            return null;
        }

        var call = found.Call;
        var release = call.Revision is { } revision
            ? await context.Publications.Where(item => item.Kind == "Prompt" && item.Namespace == call.Namespace && item.Name == call.Prompt && item.Revision == revision && item.ReleaseId != null)
                .OrderByDescending(item => item.RequestedAt).Select(item => item.ReleaseId).FirstOrDefaultAsync(cancellationToken)
            : null;
        return new CallDetail(new PricedCall(call, found.Currency), release, await context.Runs.AnyAsync(run => run.Id == callId, cancellationToken));
    });

    // Found by what the index by time holds alone: series first, and only calls that are shown are read.
    private static async Task<IReadOnlyList<CallPlace>> PlacesAsync(
        PortalDbContext context, CostQuery query, CallChoice choice, IReadOnlyList<string>? namespaces, CallPlace? after, int count, CancellationToken cancellationToken)
    {
        var (sql, values) = (new StringBuilder("SELECT u.StartedSecond, u.SeriesId, u.CallId FROM usage u WHERE "), new List<object>());
        var (from, to) = (SecondOf(query.Window.From), SecondOf(query.Window.To));
        sql.Append(CultureInfo.InvariantCulture, $"u.StartedSecond >= {from} AND u.StartedSecond < {to}");
        if (query.Filters.Items.Count > 0 || namespaces is not null)
        {
            sql.Append(" AND u.SeriesId IN (SELECT s.Id FROM usage_series s");
            CostStatement.AppendConditions(sql, values, query.Filters, namespaces, " WHERE ");
            sql.Append(')');
        }

        if (choice != CallChoice.All)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND u.SeriesId IN (SELECT h.SeriesId FROM usage_hours h WHERE h.Hour >= {from / 3600} AND h.Hour <= {to / 3600} AND h.{choice} > 0)")
                .Append(choice == CallChoice.Unpriced ? " AND u.CostNanos IS NULL" : " AND u.Outcome <> 'OK'");
        }

        if (after is { } place)
        {
            values.Add(place.CallId);
            sql.Append(CultureInfo.InvariantCulture, $" AND u.StartedSecond <= {place.Second} AND (u.StartedSecond, u.SeriesId, u.CallId) < ({place.Second}, {place.SeriesId}, @p{values.Count - 1})");
        }

        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY u.StartedSecond DESC, u.SeriesId DESC, u.CallId DESC LIMIT {count}");
        await context.Database.OpenConnectionAsync(cancellationToken);
        await using var command = CostStatement.Command(context, sql.ToString(), values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var places = new List<CallPlace>();
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add(new CallPlace(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2)));
        }

        return places;
    }

    private static long SecondOf(DateTime time) => new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds();
}
