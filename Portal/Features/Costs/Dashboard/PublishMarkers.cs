using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Components.Charts;
using Portal.Data;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs.Dashboard;

/// <summary>What was published while a report's window lasted, in the namespaces somebody may read and the report is about.</summary>
public sealed class PublishMarkers(PortalDatabase database)
{
    /// <summary>Read at most; of a column they are one marker.</summary>
    private const int Most = 500;

    public async Task<IReadOnlyList<ChartMarker>> ListAsync(CurrentUser user, CostReport report, CancellationToken cancellationToken)
    {
        var (from, to) = (report.Query.Window.From, report.Query.Window.To);
        var publications = await database.ReadAsync(context => context.Publications
            .Where(item => item.State == PublicationState.Published && item.FinishedAt >= from && item.FinishedAt < to)
            .OrderByDescending(item => item.FinishedAt).Take(Most)
            .Select(item => new Published(item.Kind, item.Namespace, item.Name, item.Revision, item.ReleaseId, item.FinishedAt!.Value))
            .ToListAsync(cancellationToken));
        return
        [
            .. publications.Where(item => user.May(Permission.ReadNamespace, item.Namespace) && Concerns(item, report.Query.Filters))
                .Select(item => (Item: item, Position: CostChart.PositionOf(item.At, report.Spans)))
                .Where(item => item.Position is not null)
                .GroupBy(item => (int)item.Position!.Value)
                .OrderBy(group => group.Key)
                .Select(group => new ChartMarker(group.Average(item => item.Position!.Value), string.Join('\n', group.Select(item => TitleOf(item.Item, report.Query.Zone))), HrefOf(group.First().Item))),
        ];
    }

    // Which prompts a flow uses is its own business and changes: there its namespace counts.
    private static bool Concerns(Published item, CostFilters filters) =>
        Matches(filters, CostDimension.Namespace, value => value == item.Namespace)
        && Matches(filters, CostDimension.Flow, value => value.StartsWith($"{item.Namespace}/", StringComparison.Ordinal))
        && Matches(filters, CostDimension.Prompt, value => item.Kind != "Prompt" || value == $"{item.Namespace}/{item.Name}")
        && Matches(filters, CostDimension.Revision, value => item.Kind != "Prompt" || value.StartsWith($"{item.Namespace}/{item.Name}@", StringComparison.Ordinal));

    private static bool Matches(CostFilters filters, CostDimension dimension, Func<string, bool> matches) => filters.Of(dimension) is not { Count: > 0 } values || values.Any(matches);

    private static string TitleOf(Published item, TimeZoneInfo zone) => string.Create(
        CultureInfo.InvariantCulture,
        $"{LocalTime.FromUtc(item.At, zone):d MMM HH:mm} published {item.Kind} {item.Namespace}/{item.Name}{(item.Revision is { } number ? $" r{number}" : "")}{(item.ReleaseId is { } release ? $", release {release}" : "")}");

    private static string HrefOf(Published item) => item.ReleaseId is { } release
        ? string.Create(CultureInfo.InvariantCulture, $"/approvals/{release}")
        : item.Kind == "Prompt" ? $"/ns/{item.Namespace}/prompts/{item.Name}/history" : $"/ns/{item.Namespace}/flows";

    private sealed record Published(string Kind, string Namespace, string Name, int? Revision, long? ReleaseId, DateTime At);
}
