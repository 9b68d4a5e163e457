using Portal.Auth;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs.Reconcile;

/// <param name="Provider">Whose calls were compared.</param>
/// <param name="Currency">Of all amounts.</param>
/// <param name="Notes">What the figures do not contain, and why.</param>
public sealed record ReconcileResult(Reconciliation Reconciliation, Invoice Invoice, string Provider, string Currency, TimeZoneInfo Zone, IReadOnlyList<string> Notes);

/// <summary>Puts an invoice beside what the portal counted on the same days.</summary>
public sealed class Reconciler(CostReports reports)
{
    private const string Usual = "USD";

    /// <param name="user">Reads every namespace: an account's invoice is about all of them.</param>
    /// <param name="zone">Where the days of the invoice begin.</param>
    /// <exception cref="AccessDeniedException">They may not read every namespace.</exception>
    public async Task<ReconcileResult> CompareAsync(CurrentUser user, Invoice invoice, string provider, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ReadNamespace, null);
        var currency = invoice.Lines.Select(line => line.Currency).FirstOrDefault(code => code.Length > 0) ?? Usual;
        var (first, last) = (invoice.Lines.Min(line => line.Day), invoice.Lines.Max(line => line.Day));
        var days = Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays).ToList();
        var cells = await reports.CellsAsync(
            user, [.. days.Select(day => new BucketSpan(LocalTime.StartOf(day, zone), LocalTime.StartOf(day.AddDays(1), zone)))],
            CostDimension.Model, CostFilters.Empty.With(CostDimension.Provider, provider), cancellationToken);
        var own = cells.GroupBy(cell => (cell.Span, cell.Value)).Select(group => new OwnLine(
            days[group.Key.Span], group.Key.Value[(provider.Length + 1)..],
            group.Sum(cell => cell.Sums.Tokens), group.Where(cell => cell.Currency == currency).Sum(cell => cell.Nanos) / 1e9m,
            group.Sum(cell => cell.Sums.Calls), group.Sum(cell => cell.Sums.Unpriced), group.Sum(cell => cell.Sums.Incomplete)));
        var others = cells.Where(cell => cell.Currency.Length > 0 && cell.Currency != currency).Select(cell => cell.Currency).Distinct().ToList();
        return new ReconcileResult(
            Reconciliation.Of(invoice, [.. own]), invoice, provider, currency, zone,
            [.. invoice.Notes, .. others.Count == 0 ? [] : new[] { $"Here some calls are priced in {string.Join(", ", others)}: their amounts are not in {currency} and are left out." }]);
    }
}
