using Portal.Features.Budgets;

namespace Portal.Tests.Portal.Budgets;

/// <summary>Budgets for tests that look at something else.</summary>
internal static class BudgetsOf
{
    public static Budget Namespace(string name) => Of(BudgetScope.Namespace, name, "");

    /// <summary>Ten dollars a month that stop calls.</summary>
    public static Budget Of(BudgetScope scope, string @namespace, string subject) => new()
    {
        Id = $"{scope}-{@namespace}-{subject}",
        Version = 1,
        Name = "Ours",
        Scope = scope,
        Namespace = @namespace,
        Subject = subject,
        AmountNanos = 10_000_000_000,
        Currency = "USD",
        Period = BudgetPeriod.Month,
        TimeZone = "UTC",
        Thresholds = [50, 80, 100],
        Emails = [],
        Enforcement = BudgetEnforcement.Enforce,
        Contact = "",
        UpdatedAt = default,
        UpdatedBy = "",
    };
}
