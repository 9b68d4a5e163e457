namespace Portal.Features.Budgets;

/// <summary>A window of the calendar, by the clocks of a time zone.</summary>
public enum BudgetPeriod
{
    Day,

    /// <summary>Begins on Monday.</summary>
    Week,
    Month,
    Quarter,
    Year,
}
