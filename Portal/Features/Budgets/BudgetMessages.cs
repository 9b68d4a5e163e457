using System.Globalization;
using System.Text;
using Portal.Features.Notifications;
using Portal.Features.Prices;

namespace Portal.Features.Budgets;

/// <summary>What people and programs are told of budgets.</summary>
internal sealed class BudgetMessages(PortalOptions options, TimeProvider clock)
{
    public static string TopicOf(string budgetId) => $"budget:{budgetId}";

    public Message Crossed(BudgetStatus status, int threshold)
    {
        var budget = status.Budget;
        var subject = status.State == BudgetState.Exhausted
            ? $"Budget “{budget.Name}” is used up"
            : string.Create(CultureInfo.InvariantCulture, $"Budget “{budget.Name}” has reached {threshold} %");
        var payload = Payload(budget, "budget.threshold", status.State == BudgetState.Exhausted ? "exhausted" : "warning");
        payload["threshold"] = threshold;
        payload["spent"] = status.Spend.Nanos / Budget.Nanos;
        payload["percent"] = status.Percent;
        payload["window"] = new JsonObject { ["from"] = Time(status.Window.From), ["to"] = Time(status.Window.To) };
        payload["unpricedCalls"] = status.Spend.Unpriced;
        var body = Describe(status, threshold);
        payload["text"] = $"{subject}: {Amount(status.Spend.Nanos, budget)} of {Amount(budget.AmountNanos, budget)} this {budget.Period.Word()}.";
        return new Message(TopicOf(budget.Id), subject, body, payload);
    }

    public Message Test(Budget budget, string who)
    {
        var subject = $"Test of the budget “{budget.Name}”";
        var payload = Payload(budget, "budget.test", "test");
        payload["text"] = $"{subject}, sent by {who}.";
        return new Message(TopicOf(budget.Id), subject, $"{who} tests who is told of the budget “{budget.Name}” ({budget.ScopeText}). Nothing has happened.\n{Link(budget)}".TrimEnd(), payload);
    }

    /// <summary>An amount of the budget's currency, as it is read.</summary>
    public static string Amount(long nanos, Budget budget) => new Cost(nanos) { Currency = budget.Currency }.ToString();

    private string Describe(BudgetStatus status, int threshold)
    {
        var budget = status.Budget;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"The {budget.ScopeText} has spent {Amount(status.Spend.Nanos, budget)} of {Amount(budget.AmountNanos, budget)} ({status.Percent} %) this {budget.Period.Word()}.");
        text.AppendLine(CultureInfo.InvariantCulture, $"The {budget.Period.Word()} ends {TimeZoneInfo.ConvertTime(status.Window.To, budget.Zone):yyyy-MM-dd HH:mm} ({budget.TimeZone}).");
        if (status.State == BudgetState.Exhausted)
        {
            text.AppendLine(budget.Enforcement switch
            {
                BudgetEnforcement.Enforce => "Its calls are refused until then, or until the budget is raised.",
                BudgetEnforcement.Shadow => "Its calls go on: the budget is in shadow mode, which only counts what would be refused.",
                _ => "Its calls go on: the budget does not stop any.",
            });
        }
        else
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"You are told as it has reached {threshold} %.");
        }

        if (status.Spend.Unpriced > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{status.Spend.Unpriced} calls have no price and are not in the sum: the true figure is higher.");
        }

        foreach (var (currency, nanos) in status.Spend.Others)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{new Cost(nanos) { Currency = currency }} was spent besides, which is not in the sum.");
        }

        if (budget.Contact.Length > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Whom to ask: {budget.Contact}");
        }

        return text.AppendLine(Link(budget)).ToString().TrimEnd();
    }

    private JsonObject Payload(Budget budget, string type, string state) => new()
    {
        ["type"] = type,
        ["time"] = Time(clock.GetUtcNow()),
        ["state"] = state,
        ["budget"] = new JsonObject
        {
            ["id"] = budget.Id,
            ["name"] = budget.Name,
            ["scope"] = budget.Scope.Word(),
            ["namespace"] = budget.Place,
            ["subject"] = budget.Subject.Length == 0 ? null : budget.Subject,
            ["amount"] = budget.Amount,
            ["currency"] = budget.Currency,
            ["period"] = budget.Period.Word(),
            ["enforcement"] = budget.Enforcement.ToString().ToLowerInvariant(),
        },
        ["link"] = Link(budget),
    };

    /// <summary>Null where nobody said what the portal is called from outside.</summary>
    private string? Link(Budget budget) => options.PublicUrl is { } portal ? $"{portal.GetLeftPart(UriPartial.Authority)}/budgets?budget={budget.Id}" : null;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
