using Portal.Auth;
using Portal.Features.Notifications;

namespace Portal.Features.Budgets;

/// <summary>How a budget would stand that is being written.</summary>
internal sealed class BudgetPreview(SpendReader spending, WebhookNetwork network, TimeProvider clock)
{
    /// <summary>Null while what decides over the spending is not written rightly, or may not be seen by the user.</summary>
    public async Task<BudgetStatus?> FindAsync(CurrentUser user, BudgetBody body, CancellationToken cancellationToken)
    {
        string[] needed = ["scope", "namespace", "subject", "amount", "currency", "period", "timeZone"];
        var place = string.IsNullOrEmpty(body.Namespace) ? null : body.Namespace;
        if (!user.May(Permission.ReadNamespace, place) || BudgetCheck.Find(body, network).Exists(problem => needed.Contains(problem.Field)))
        {
            return null;
        }

        var budget = new Budget
        {
            Id = "",
            Version = 0,
            Name = body.Name ?? "",
            Scope = body.Scope,
            Namespace = place ?? "",
            Subject = body.Subject?.Trim() ?? "",
            AmountNanos = (long)(body.Amount!.Value * Budget.Nanos),
            Currency = body.Currency!,
            Period = body.Period,
            TimeZone = body.TimeZone!,
            Thresholds = body.Thresholds ?? [],
            Emails = [],
            Enforcement = body.Enforcement,
            Contact = "",
            UpdatedAt = default,
            UpdatedBy = "",
        };
        var window = budget.WindowAt(clock.GetUtcNow());
        return new BudgetStatus(budget, window, (await spending.ReadAsync(window.From, [budget], cancellationToken))[0]);
    }
}
