using System.ComponentModel;

namespace Portal.Features.Budgets;

/// <summary>A budget as it is written, by the page and through REST.</summary>
public sealed record BudgetBody
{
    public string? Name { get; init; }
    public BudgetScope Scope { get; init; }

    [Description("Required for namespaces and flows; left out for a team, user or token it means all namespaces.")]
    public string? Namespace { get; init; }

    [Description("The flow, team, user or token.")]
    public string? Subject { get; init; }

    public decimal? Amount { get; init; }

    [Description("By ISO 4217, such as USD.")]
    public string? Currency { get; init; } = "USD";

    public BudgetPeriod Period { get; init; } = BudgetPeriod.Month;

    [Description("IANA name of the zone whose calendar counts, such as Europe/Berlin.")]
    public string? TimeZone { get; init; } = "UTC";

    [Description("Percents of the amount that are told of.")]
    public IReadOnlyList<int>? Thresholds { get; init; } = [50, 80, 100];

    [Description("Who is told by e-mail.")]
    public IReadOnlyList<string>? Emails { get; init; }

    [Description("Address that is posted to. Left out, a change keeps the one there is; empty removes it. It is never shown again as a whole.")]
    public string? Webhook { get; init; }

    public BudgetEnforcement Enforcement { get; init; }

    [Description("Whom callers are told to ask when it is used up.")]
    public string? Contact { get; init; }

    [Description("Of a change: the version that was looked at. Another one since then refuses the change.")]
    public long? Version { get; init; }
}

/// <param name="Field">As it is called in JSON.</param>
/// <param name="Message">What is wrong, and how to write it.</param>
public sealed record BudgetProblem(string Field, string Message);
