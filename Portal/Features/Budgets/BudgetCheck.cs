using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Portal.Features.Notifications;

namespace Portal.Features.Budgets;

/// <summary>Finds everything that is wrong with a budget as it was written.</summary>
internal static partial class BudgetCheck
{
    public const decimal MostAmount = 1_000_000_000m;
    private const int LongestName = 80;
    private const int LongestText = 256;
    private const int MostThreshold = 1000;
    private const int MostItems = 10;

    public static List<BudgetProblem> Find(BudgetBody body, WebhookNetwork network)
    {
        var problems = new List<BudgetProblem>();
        Require(IsText(body.Name, 1, LongestName), "name", $"Give it a name of 1 to {LongestName} printable characters.");
        Require(Enum.IsDefined(body.Scope), "scope", $"Choose one of {string.Join(", ", Enum.GetNames<BudgetScope>())}.");
        var needsNamespace = body.Scope is BudgetScope.Namespace or BudgetScope.Flow;
        Require(body.Namespace is { Length: > 0 } name ? IsNamespace(name) : !needsNamespace, "namespace",
            needsNamespace ? "Name the namespace: letters a-z, digits and '-'." : "That is no name of a namespace; leave it out for all of them.");
        Require(!Enum.IsDefined(body.Scope) || body.Scope switch
        {
            BudgetScope.Namespace => string.IsNullOrEmpty(body.Subject),
            BudgetScope.Flow => body.Subject is { Length: > 0 and <= 253 } flow && flow.Split('/') is { Length: 1 or 2 } names && names.All(name => Subdomain().IsMatch(name)),
            _ => IsText(body.Subject, 1, LongestText),
        }, "subject", body.Scope == BudgetScope.Namespace ? "A budget of a namespace names nothing more; leave it out." : $"Name the {body.Scope.Word()} it is for{(body.Scope == BudgetScope.Flow ? ", one of a FlowSet as set/flow" : "")}.");
        Require(body.Amount is > 0 and <= MostAmount && body.Amount * Budget.Nanos == decimal.Truncate(body.Amount.Value * Budget.Nanos), "amount",
            $"It must be more than 0 and at most {MostAmount.ToString("N0", CultureInfo.InvariantCulture)}, with at most 9 decimals.");
        Require(body.Currency is not null && CurrencyCode().IsMatch(body.Currency), "currency", "Write three capital letters, such as USD or EUR.");
        Require(Enum.IsDefined(body.Period), "period", $"Choose one of {string.Join(", ", Enum.GetNames<BudgetPeriod>())}.");
        Require(body.TimeZone is { Length: > 0 and <= LongestText } && TimeZoneInfo.TryFindSystemTimeZoneById(body.TimeZone, out _), "timeZone",
            "There is no such time zone; write one like Europe/Berlin or UTC.");
        Require(body.Thresholds is null || (body.Thresholds.Count <= MostItems && body.Thresholds.All(percent => percent is >= 1 and <= MostThreshold)), "thresholds",
            $"Give at most {MostItems} whole percents from 1 to {MostThreshold}, such as 50, 80, 100.");
        Require(Enum.IsDefined(body.Enforcement), "enforcement", $"Choose one of {string.Join(", ", Enum.GetNames<BudgetEnforcement>())}.");
        Require(string.IsNullOrEmpty(body.Contact) || IsText(body.Contact, 1, LongestText), "contact", $"Write at most {LongestText} printable characters in one line.");
        Require(body.Emails is null || body.Emails.Count <= MostItems, "emails", $"Give at most {MostItems} addresses.");
        foreach (var wrong in (body.Emails ?? []).Where(address => !EmailAddress.IsValid(address)).Take(1))
        {
            problems.Add(new BudgetProblem("emails", $"“{Shown(wrong)}” is no e-mail address such as finance@example.com."));
        }

        if (body.Webhook is { Length: > 0 } webhook && network.FindProblem(webhook) is { } reason)
        {
            problems.Add(new BudgetProblem("webhook", reason));
        }

        return problems;

        void Require(bool holds, string field, string message)
        {
            if (!holds)
            {
                problems.Add(new BudgetProblem(field, message));
            }
        }
    }

    /// <summary>Whether a namespace can have this name (RFC 1123 label).</summary>
    public static bool IsNamespace(string name) => name.Length <= 63 && Label().IsMatch(name);

    /// <summary>Printable: nothing that breaks a line, a header or the direction of writing.</summary>
    private static bool IsText(string? text, int least, int most) =>
        !string.IsNullOrWhiteSpace(text) && text.Length >= least && text.Length <= most
        && text.EnumerateRunes().All(static rune => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse));

    private static string Shown(string? text) => text is null ? "null" : text.Length > 60 ? text[..60] + "…" : text;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[A-Z]{3}\z")]
    private static partial Regex CurrencyCode();
}
