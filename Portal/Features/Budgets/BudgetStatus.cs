namespace Portal.Features.Budgets;

/// <summary>What was spent in a window, as far as it can be counted.</summary>
/// <param name="Nanos">Billionths of the budget's currency.</param>
/// <param name="Calls">All calls, priced or not.</param>
/// <param name="Unpriced">Calls that used what nobody has a price for; not in the sum.</param>
/// <param name="Others">Billionths by other currency; not in the sum.</param>
public sealed record BudgetSpend(long Nanos, long Calls, long Unpriced, IReadOnlyDictionary<string, long> Others)
{
    public static BudgetSpend None { get; } = new(0, 0, 0, new Dictionary<string, long>());

    /// <summary>Whether more was spent than is in the sum.</summary>
    public bool IsIncomplete => Unpriced > 0 || Others.Count > 0;
}

/// <summary>A budget in its present window.</summary>
public sealed record BudgetStatus(Budget Budget, BudgetWindow Window, BudgetSpend Spend)
{
    public BudgetState State => Spend.Nanos >= Budget.AmountNanos ? BudgetState.Exhausted
        : Budget.Thresholds.Any(percent => Reaches(percent)) ? BudgetState.Warning
        : BudgetState.Ok;

    /// <summary>Of the amount, with one decimal, rounded down: 100 is what reaches it.</summary>
    public decimal Percent => decimal.Floor((decimal)Spend.Nanos * 1000 / Budget.AmountNanos) / 10;

    /// <summary>Whether calls are refused, or would be.</summary>
    public bool Stops => State == BudgetState.Exhausted && Budget.Enforcement != BudgetEnforcement.Notify;

    public bool Reaches(int percent) => (decimal)Spend.Nanos * 100 >= (decimal)Budget.AmountNanos * percent;
}

public enum BudgetState
{
    Ok,

    /// <summary>A threshold is crossed.</summary>
    Warning,

    /// <summary>All of it is spent.</summary>
    Exhausted,
}
