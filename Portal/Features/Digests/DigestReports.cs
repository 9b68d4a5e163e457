using System.Security.Claims;
using Portal.Auth;
using Portal.Features.Budgets;
using Portal.Features.Costs;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Digests;

/// <summary>Puts a namespace's week together from costs, budgets and flows.</summary>
/// <param name="faults">Gives the flows of a namespace that do not work, with why.</param>
public sealed class DigestReports(CostReports costs, BudgetBoard board, Func<string, IReadOnlyList<DigestFault>> faults)
{
    private const int MostFlows = 5;

    /// <summary>For somebody who looks.</summary>
    /// <exception cref="AccessDeniedException">They may not read there.</exception>
    public Task<DigestReport> ReadAsync(CurrentUser user, string @namespace, DigestWeek week, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ReadNamespace, @namespace);
        return ComposeAsync(user, @namespace, week, zone, cancellationToken);
    }

    /// <summary>For those who asked to be told.</summary>
    internal Task<DigestReport> ReadAsync(string @namespace, DigestWeek week, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var reader = new CurrentUser(new AccessPolicy([]));
        reader.Become(
            PortalClaims.PrincipalOf(
                new Actor("system:digest", "Weekly digest", ActorKind.Token), "digest", new Claim(PortalClaims.Permission, nameof(Permission.ReadNamespace)), new Claim(PortalClaims.Namespace, @namespace)),
            null);
        return ComposeAsync(reader, @namespace, week, zone, cancellationToken);
    }

    private async Task<DigestReport> ComposeAsync(CurrentUser user, string @namespace, DigestWeek week, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var report = await costs.QueryAsync(
            user,
            new CostQuery
            {
                Window = new CostWindow(week.Last.From.UtcDateTime, week.Last.To.UtcDateTime, week.Before.From.UtcDateTime, week.Before.To.UtcDateTime),
                GroupBy = CostDimension.Flow,
                Filters = CostFilters.Empty.With(CostDimension.Namespace, @namespace),
                Bucket = CostBucket.Day,
                Zone = zone,
            },
            cancellationToken);
        return new DigestReport(
            @namespace, week, report.Total, report.TotalBefore, report.Currency,
            [
                .. report.Rows.Where(row => row.Now.Sums.Calls > 0).Take(MostFlows).Select(row => new DigestFlow(
                    row.Value.Length == 0 ? null : row.Value[(row.Value.IndexOf('/', StringComparison.Ordinal) + 1)..],
                    new Money(row.Now.NanosIn(report.Currency), report.Currency), row.ChangeIn(report.Currency))),
            ],
            [
                .. board.All.Where(status => status.Budget.Place == @namespace && status.State != BudgetState.Ok).OrderByDescending(status => status.Percent)
                    .Select(status => new DigestBudget(
                        status.Budget.Name, status.Percent, new Money(status.Spend.Nanos, status.Budget.Currency), new Money(status.Budget.AmountNanos, status.Budget.Currency), status.Budget.Period.Word())),
            ],
            faults(@namespace));
    }
}
