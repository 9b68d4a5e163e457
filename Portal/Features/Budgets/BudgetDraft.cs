using System.Globalization;

namespace Portal.Features.Budgets;

/// <summary>A budget as it is being typed: texts stay what they are until they are read.</summary>
internal sealed class BudgetDraft
{
    public string Name { get; set; } = "";
    public BudgetScope Scope { get; set; } = BudgetScope.Namespace;
    public string Namespace { get; set; } = "";
    public string Subject { get; set; } = "";
    public string Amount { get; set; } = "";
    public string Currency { get; set; } = "USD";
    public BudgetPeriod Period { get; set; } = BudgetPeriod.Month;
    public string TimeZone { get; set; } = "UTC";
    public string Thresholds { get; set; } = "50, 80, 100";
    public string Emails { get; set; } = "";

    /// <summary>Empty keeps what there is.</summary>
    public string Webhook { get; set; } = "";
    public bool RemovesWebhook { get; set; }
    public BudgetEnforcement Enforcement { get; set; } = BudgetEnforcement.Notify;
    public string Contact { get; set; } = "";
    public long? Version { get; set; }

    public static BudgetDraft Of(Budget budget) => new()
    {
        Name = budget.Name,
        Scope = budget.Scope,
        Namespace = budget.Namespace,
        Subject = budget.Subject,
        Amount = budget.Amount.ToString("0.#########", CultureInfo.InvariantCulture),
        Currency = budget.Currency,
        Period = budget.Period,
        TimeZone = budget.TimeZone,
        Thresholds = string.Join(", ", budget.Thresholds),
        Emails = string.Join(", ", budget.Emails),
        Enforcement = budget.Enforcement,
        Contact = budget.Contact,
        Version = budget.Version,
    };

    /// <summary>The body, and what cannot even be read.</summary>
    public (BudgetBody Body, List<BudgetProblem> Problems) Read()
    {
        var problems = new List<BudgetProblem>();
        var thresholds = new List<int>();
        foreach (var word in Words(Thresholds))
        {
            if (int.TryParse(word.TrimEnd('%', ' '), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
            {
                thresholds.Add(percent);
            }
            else
            {
                problems.Add(new BudgetProblem("thresholds", $"“{word}” is no whole percent."));
            }
        }

        var hasAmount = decimal.TryParse(Amount.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount);
        var body = new BudgetBody
        {
            Name = Name.Trim(),
            Scope = Scope,
            Namespace = Namespace.Trim(),
            Subject = Scope == BudgetScope.Namespace ? "" : Subject.Trim(),
            Amount = hasAmount ? amount : null,
            Currency = Currency.Trim().ToUpperInvariant(),
            Period = Period,
            TimeZone = TimeZone.Trim(),
            Thresholds = thresholds,
            Emails = Words(Emails),
            Webhook = RemovesWebhook ? "" : Webhook.Trim() is { Length: > 0 } address ? address : null,
            Enforcement = Enforcement,
            Contact = Contact.Trim(),
            Version = Version,
        };
        return (body, problems);
    }

    private static string[] Words(string text) => text.Split([',', ';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
