using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Notifications;

namespace Portal.Features.Budgets;

/// <summary>
/// The budgets. Whoever changes one names the version that was looked at, so that of two changes at a time the second is refused instead of replacing the
/// first. Every change is in the audit log.
/// </summary>
public sealed class BudgetStore(PortalDatabase database, AuditLog audit, WebhookNetwork network, WebhookVault vault, TimeProvider clock)
{
    /// <summary>Raised after a change is on disk, on any thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>Another portal changed budgets.</summary>
    internal void Hear() => Changed?.Invoke();

    /// <summary>Those the user may see, by name.</summary>
    public async Task<IReadOnlyList<Budget>> ListAsync(CurrentUser user, CancellationToken cancellationToken) =>
        [.. (await AllAsync(cancellationToken)).Where(budget => user.May(Permission.ReadNamespace, budget.Place))];

    /// <summary>Null when there is none the user may see.</summary>
    public async Task<Budget?> FindAsync(CurrentUser user, string id, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Budgets.FirstOrDefaultAsync(row => row.Id == id, cancellationToken)) is { } row
            && Budget.Of(row) is var budget && user.May(Permission.ReadNamespace, budget.Place)
            ? budget
            : null;

    /// <exception cref="AccessDeniedException">The user may not manage budgets there.</exception>
    public async Task<BudgetResult> CreateAsync(CurrentUser user, BudgetBody body, CancellationToken cancellationToken)
    {
        DemandAt(user, body);
        if (BudgetCheck.Find(body, network) is { Count: > 0 } problems)
        {
            return new BudgetResult(problems);
        }

        var now = clock.GetUtcNow();
        var row = new BudgetRow
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Version = 0,
            Name = "",
            NameKey = "",
            Scope = "",
            Namespace = "",
            Subject = "",
            AmountNanos = 0,
            Currency = "",
            Period = "",
            TimeZone = "",
            Thresholds = "",
            Emails = "",
            Enforcement = "",
            Contact = "",
            CreatedAt = now.UtcDateTime,
            UpdatedAt = now.UtcDateTime,
            UpdatedBy = "",
        };
        return await SaveAsync(user, row, isNew: true, body, cancellationToken);
    }

    /// <exception cref="AccessDeniedException">The user may not manage budgets there.</exception>
    public async Task<BudgetResult> UpdateAsync(CurrentUser user, string id, BudgetBody body, CancellationToken cancellationToken)
    {
        DemandSomewhere(user);
        var row = await database.ReadAsync(context => context.Budgets.FirstOrDefaultAsync(row => row.Id == id, cancellationToken));
        if (row is null || !user.May(Permission.ReadNamespace, Budget.Of(row).Place))
        {
            return BudgetResult.NotFound;
        }

        user.Demand(Permission.ManageBudgets, Budget.Of(row).Place);
        DemandAt(user, body);
        var problems = BudgetCheck.Find(body, network);
        if (body.Version is null)
        {
            problems.Add(new BudgetProblem("version", "Say which version you looked at, so that nobody's change is lost."));
        }

        return problems.Count > 0 ? new BudgetResult(problems) : await SaveAsync(user, row, isNew: false, body, cancellationToken);
    }

    /// <returns>False when there is none.</returns>
    /// <exception cref="AccessDeniedException">The user may not manage budgets there.</exception>
    public async Task<bool> DeleteAsync(CurrentUser user, string id, CancellationToken cancellationToken)
    {
        DemandSomewhere(user);
        var deleted = await database.WriteAsync(
            async context =>
            {
                var row = await context.Budgets.FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
                if (row is null || !user.May(Permission.ReadNamespace, Budget.Of(row).Place))
                {
                    return false;
                }

                var budget = Budget.Of(row);
                user.Demand(Permission.ManageBudgets, budget.Place);
                context.Budgets.Remove(row);
                await context.BudgetAlerts.Where(alert => alert.BudgetId == id).ExecuteDeleteAsync(cancellationToken);
                audit.Append(context, EntryOf(user, "budget.deleted", budget, Describe(budget), null));
                context.AfterCommit(() => Changed?.Invoke());
                context.Tell(PortalTopics.Budgets);
                return true;
            },
            cancellationToken);
        return deleted;
    }

    /// <summary>All of them, by name; for what asks in nobody's name.</summary>
    internal async Task<IReadOnlyList<Budget>> AllAsync(CancellationToken cancellationToken) =>
        [.. (await database.ReadAsync(context => context.Budgets.OrderBy(row => row.NameKey).ThenBy(row => row.Id).ToListAsync(cancellationToken))).Select(Budget.Of)];

    // Nobody else writes meanwhile, in another replica neither: the version that is read here is the one that is replaced.
    private async Task<BudgetResult> SaveAsync(CurrentUser user, BudgetRow known, bool isNew, BudgetBody body, CancellationToken cancellationToken)
    {
        return await database.WriteAsync(
            async context =>
            {
                var row = isNew ? known : await context.Budgets.FirstOrDefaultAsync(row => row.Id == known.Id, cancellationToken);
                if (row is null)
                {
                    return BudgetResult.NotFound;
                }

                var before = isNew ? null : Budget.Of(row);
                if (!isNew && row.Version != body.Version)
                {
                    return BudgetResult.ConflictWith(before!);
                }

                Fill(row, body, user);
                if (await context.Budgets.AnyAsync(other => other.Namespace == row.Namespace && other.NameKey == row.NameKey && other.Id != row.Id, cancellationToken))
                {
                    return Detached(context, row, new BudgetResult([new BudgetProblem("name", $"There is a budget “{row.Name}” already; choose another name.")]));
                }

                if (isNew)
                {
                    context.Budgets.Add(row);
                }

                var after = Budget.Of(row);
                audit.Append(context, EntryOf(user, ActionOf(before, after), after, before is null ? null : Describe(before), Describe(after)));
                context.AfterCommit(() => Changed?.Invoke());
                context.Tell(PortalTopics.Budgets);
                return new BudgetResult([]) { Budget = after };
            },
            cancellationToken);
    }

    private static BudgetResult Detached(PortalDbContext context, BudgetRow row, BudgetResult result)
    {
        context.Entry(row).State = EntityState.Detached; // nothing of it is to be saved
        return result;
    }

    private void Fill(BudgetRow row, BudgetBody body, CurrentUser user)
    {
        row.Version++;
        row.Name = body.Name!.Trim();
        row.NameKey = row.Name.ToLowerInvariant();
        row.Scope = body.Scope.ToString();
        row.Namespace = body.Namespace ?? "";
        row.Subject = body.Subject?.Trim() ?? "";
        row.AmountNanos = (long)(body.Amount!.Value * Budget.Nanos);
        row.Currency = body.Currency!;
        row.Period = body.Period.ToString();
        row.TimeZone = body.TimeZone!;
        row.Thresholds = string.Join(',', (body.Thresholds ?? []).Distinct().Order().Select(percent => percent.ToString(CultureInfo.InvariantCulture)));
        row.Emails = string.Join(',', (body.Emails ?? []).Select(address => address.Trim()).Distinct(StringComparer.OrdinalIgnoreCase));
        row.Webhook = body.Webhook switch { null => row.Webhook, "" => null, var address => vault.Protect(address) };
        row.Enforcement = body.Enforcement.ToString();
        row.Contact = body.Contact?.Trim() ?? "";
        row.UpdatedAt = clock.GetUtcNow().UtcDateTime;
        row.UpdatedBy = user.Actor.Name;
    }

    private static void DemandSomewhere(CurrentUser user)
    {
        if (!user.MaySomewhere(Permission.ManageBudgets))
        {
            user.Demand(Permission.ManageBudgets, null);
        }
    }

    private static void DemandAt(CurrentUser user, BudgetBody body)
    {
        if (string.IsNullOrEmpty(body.Namespace) && body.Scope is (BudgetScope.Namespace or BudgetScope.Flow))
        {
            DemandSomewhere(user); // it lacks its namespace, and is told so
        }
        else
        {
            user.Demand(Permission.ManageBudgets, string.IsNullOrEmpty(body.Namespace) ? null : body.Namespace);
        }
    }

    private static string ActionOf(Budget? before, Budget after) => before switch
    {
        null => "budget.created",
        _ when after.AmountNanos > before.AmountNanos && after.Currency == before.Currency => "budget.raised",
        _ => "budget.changed",
    };

    private static AuditEntry EntryOf(CurrentUser user, string action, Budget budget, JsonObject? before, JsonObject? after) =>
        new(user.Actor, action, "Budget", budget.Place, budget.Name, AuditResult.Succeeded, before, after, Address: user.Address);

    private JsonObject Describe(Budget budget) => new()
    {
        ["name"] = budget.Name,
        ["scope"] = budget.ScopeText,
        ["amount"] = budget.Amount,
        ["currency"] = budget.Currency,
        ["period"] = budget.Period.ToString(),
        ["timeZone"] = budget.TimeZone,
        ["thresholds"] = string.Join(", ", budget.Thresholds),
        ["emails"] = string.Join(", ", budget.Emails),
        ["webhook"] = vault.Describe(budget.Webhook),
        ["enforcement"] = budget.Enforcement.ToString(),
        ["contact"] = budget.Contact,
    };
}

/// <summary>What became of a change: the budget, what is wrong with it, or why it could not be.</summary>
/// <param name="Problems">By field; empty unless something is wrong.</param>
public sealed record BudgetResult(IReadOnlyList<BudgetProblem> Problems)
{
    public static BudgetResult NotFound { get; } = new([]) { IsMissing = true };

    /// <summary>As it was saved; of a conflict, as it is now.</summary>
    public Budget? Budget { get; init; }

    /// <summary>There is none, or none the user may see.</summary>
    public bool IsMissing { get; init; }

    /// <summary>Somebody changed it since it was looked at.</summary>
    public bool IsConflict { get; init; }

    public bool IsSaved => Budget is not null && !IsConflict;

    internal static BudgetResult ConflictWith(Budget current) => new([]) { Budget = current, IsConflict = true };
}
