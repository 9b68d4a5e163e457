using System.Globalization;
using Portal.Data;

namespace Portal.Features.Budgets;

/// <summary>What may be spent in a window of the calendar, and what happens when it was.</summary>
public sealed record Budget
{
    /// <summary>Amounts are counted in billionths of their currency.</summary>
    public const decimal Nanos = 1_000_000_000m;

    public required string Id { get; init; }

    /// <summary>Grows with every change.</summary>
    public required long Version { get; init; }
    public required string Name { get; init; }
    public required BudgetScope Scope { get; init; }

    /// <summary>Empty for all namespaces.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the flow, team, user or token; empty for a whole namespace.</summary>
    public required string Subject { get; init; }
    public required long AmountNanos { get; init; }

    /// <summary>By ISO 4217.</summary>
    public required string Currency { get; init; }
    public required BudgetPeriod Period { get; init; }

    /// <summary>IANA name.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Percents that are told of, ascending.</summary>
    public required IReadOnlyList<int> Thresholds { get; init; }
    public required IReadOnlyList<string> Emails { get; init; }

    /// <summary>Encrypted.</summary>
    public string? Webhook { get; init; }
    public required BudgetEnforcement Enforcement { get; init; }

    /// <summary>Whom to ask when it is used up; may be empty.</summary>
    public required string Contact { get; init; }
    public required DateTime UpdatedAt { get; init; }
    public required string UpdatedBy { get; init; }

    /// <summary>Whose rights guard it; null for what belongs to no namespace.</summary>
    public string? Place => Namespace.Length == 0 ? null : Namespace;

    public decimal Amount => AmountNanos / Nanos;

    /// <summary>UTC when this machine does not know the zone any more.</summary>
    public TimeZoneInfo Zone => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;

    public BudgetWindow WindowAt(DateTimeOffset now) => BudgetWindow.At(Period, Zone, now);

    /// <summary>Such as <c>flow demo/support-reply</c>.</summary>
    public string ScopeText => (Scope, Place) switch
    {
        (BudgetScope.Namespace, var place) => $"namespace {place}",
        (BudgetScope.Flow, var place) => $"flow {place}/{Subject}",
        (var kind, null) => $"{kind.Word()} {Subject}",
        (var kind, var place) => $"{kind.Word()} {Subject} in {place}",
    };

    internal static Budget Of(BudgetRow row) => new()
    {
        Id = row.Id,
        Version = row.Version,
        Name = row.Name,
        Scope = Enum.Parse<BudgetScope>(row.Scope),
        Namespace = row.Namespace,
        Subject = row.Subject,
        AmountNanos = row.AmountNanos,
        Currency = row.Currency,
        Period = Enum.Parse<BudgetPeriod>(row.Period),
        TimeZone = row.TimeZone,
        Thresholds = [.. Words(row.Thresholds).Select(text => int.Parse(text, CultureInfo.InvariantCulture))],
        Emails = Words(row.Emails),
        Webhook = row.Webhook,
        Enforcement = Enum.Parse<BudgetEnforcement>(row.Enforcement),
        Contact = row.Contact,
        UpdatedAt = row.UpdatedAt,
        UpdatedBy = row.UpdatedBy,
    };

    private static string[] Words(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Whose spending counts.</summary>
public enum BudgetScope
{
    Namespace,
    Flow,
    Team,
    User,

    /// <summary>Calls made with a service token or a key of the gateway.</summary>
    Token,
}

/// <summary>What happens to calls when a budget is used up.</summary>
public enum BudgetEnforcement
{
    /// <summary>Nothing: people are told.</summary>
    Notify,

    /// <summary>Nothing, but the calls that would have been refused are counted.</summary>
    Shadow,

    /// <summary>They are refused with 429 until the window ends or the budget is raised.</summary>
    Enforce,
}

internal static class BudgetWords
{
    public static string Word(this BudgetScope scope) => scope.ToString().ToLowerInvariant();

    public static string Word(this BudgetPeriod period) => period.ToString().ToLowerInvariant();
}
