using Portal.Features.Budgets;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Digests;

/// <summary>A week that is over, from Monday to Sunday by the clocks of a zone, days of 23 and 25 hours included.</summary>
/// <param name="Due">When it is told of: on the Monday after it, at eight by those clocks.</param>
/// <param name="Last">The week.</param>
/// <param name="Before">The one before it.</param>
public sealed record DigestWeek(DateTimeOffset Due, BudgetWindow Last, BudgetWindow Before)
{
    private static readonly TimeOnly s_hour = new(8, 0);

    /// <summary>Tells weeks apart whatever zone they are of.</summary>
    public int Number => Last.FirstDay.DayNumber / 7;

    /// <summary>The newest week that is due.</summary>
    public static DigestWeek At(TimeZoneInfo zone, DateTimeOffset now)
    {
        var running = BudgetWindow.At(BudgetPeriod.Week, zone, now);
        if (now < DueOf(running, zone))
        {
            running = Before(running);
        }

        var last = Before(running);
        return new DigestWeek(DueOf(running, zone), last, Before(last));

        BudgetWindow Before(BudgetWindow week) => BudgetWindow.At(BudgetPeriod.Week, zone, week.From - TimeSpan.FromSeconds(1));
    }

    private static DateTimeOffset DueOf(BudgetWindow week, TimeZoneInfo zone) => new(LocalTime.ToUtc(week.FirstDay.ToDateTime(s_hour), zone), TimeSpan.Zero);
}
