using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Notifications;

namespace Portal.Features.Budgets;

/// <summary>Tells of thresholds that were crossed: each once per window and amount, also after a restart and with several portals on one database.</summary>
internal sealed class BudgetAlerts(PortalDatabase database, BudgetStore store, NotificationOutbox outbox, NotificationSender sender, BudgetMessages messages, TimeProvider clock)
{
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(800);

    // What this process knows to be written of the budgets and windows it saw last; the table is what counts.
    private HashSet<(string Budget, long Window, long Amount, int Threshold)> _known = [];

    /// <summary>How many thresholds are remembered as written.</summary>
    internal int Known => _known.Count;

    /// <summary>Writes down what was crossed and, for the highest of what is new of each budget, tells its receivers. Not to be called twice at a time.</summary>
    /// <param name="all">All budgets as they stand.</param>
    public async Task RecordAsync(IReadOnlyCollection<BudgetStatus> all, CancellationToken cancellationToken)
    {
        var known = new HashSet<(string, long, long, int)>();
        foreach (var status in all)
        {
            var budget = status.Budget;
            var window = status.Window.From.ToUnixTimeSeconds();
            var crossed = Watched(budget).Where(status.Reaches).ToList();
            var keys = crossed.ConvertAll(threshold => (budget.Id, window, budget.AmountNanos, threshold));
            if (!keys.TrueForAll(_known.Contains))
            {
                // Nobody else writes meanwhile, so what another portal wrote down is seen.
                await database.WriteAsync(context => WriteAsync(context, status, window, crossed, cancellationToken), cancellationToken);
            }

            known.UnionWith(keys);
        }

        _known = known;
    }

    /// <summary>When a budget of this amount was used up in this window; null when it is not, or was not seen yet.</summary>
    public async Task<DateTime?> ExhaustedAtAsync(BudgetStatus status, CancellationToken cancellationToken)
    {
        var window = status.Window.From.ToUnixTimeSeconds();
        return await database.ReadAsync(context => context.BudgetAlerts
            .Where(row => row.BudgetId == status.Budget.Id && row.WindowStart == window && row.AmountNanos == status.Budget.AmountNanos && row.Threshold == 100)
            .Select(row => (DateTime?)row.At).FirstOrDefaultAsync(cancellationToken));
    }

    /// <summary>Sends a test to all receivers at once. Null when there is no such budget.</summary>
    /// <exception cref="AccessDeniedException">The user may not manage budgets there.</exception>
    public async Task<IReadOnlyList<TestDelivery>?> TestAsync(CurrentUser user, string id, CancellationToken cancellationToken)
    {
        if (!user.MaySomewhere(Permission.ManageBudgets))
        {
            user.Demand(Permission.ManageBudgets, null);
        }

        if (await store.FindAsync(user, id, cancellationToken) is not { } budget)
        {
            return null;
        }

        user.Demand(Permission.ManageBudgets, budget.Place);
        return await sender.TestAsync(messages.Test(budget, user.Actor.Name), new Receivers(budget.Emails, budget.Webhook), cancellationToken);
    }

    /// <summary>Forgets alerts of windows long gone.</summary>
    public Task PruneAsync(CancellationToken cancellationToken)
    {
        var before = (clock.GetUtcNow() - s_keep).ToUnixTimeSeconds();
        return database.WriteAsync(context => context.BudgetAlerts.Where(row => row.WindowStart < before).ExecuteDeleteAsync(cancellationToken), cancellationToken);
    }

    /// <summary>100 is written down in any case: when a budget was used up is asked later.</summary>
    private static IEnumerable<int> Watched(Budget budget) => budget.Thresholds.Append(100).Distinct();

    private async Task WriteAsync(PortalDbContext context, BudgetStatus status, long window, List<int> crossed, CancellationToken cancellationToken)
    {
        var budget = status.Budget;
        var written = await context.BudgetAlerts.Where(row => row.BudgetId == budget.Id && row.WindowStart == window && row.AmountNanos == budget.AmountNanos)
            .Select(row => row.Threshold).ToListAsync(cancellationToken);
        var added = crossed.Except(written).ToList();
        context.BudgetAlerts.AddRange(added.Select(threshold => new BudgetAlertRow
        {
            BudgetId = budget.Id,
            WindowStart = window,
            AmountNanos = budget.AmountNanos,
            Threshold = threshold,
            SpentNanos = status.Spend.Nanos,
            At = clock.GetUtcNow().UtcDateTime,
        }));
        // Of several at once one message is enough; and none is told below what was told already, such as one that was added to the list since.
        if (added.Where(budget.Thresholds.Contains).DefaultIfEmpty().Max() is > 0 and var highest && highest > written.Where(budget.Thresholds.Contains).DefaultIfEmpty().Max())
        {
            outbox.Add(context, messages.Crossed(status, highest), new Receivers(budget.Emails, budget.Webhook));
        }
    }
}
