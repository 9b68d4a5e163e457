using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Budgets;
using Portal.Features.Notifications;

namespace Portal.Features.Digests;

/// <summary>Who is told of which namespace's weeks. Each asks whether one may.</summary>
public sealed class DigestStore(PortalDatabase database, AuditLog audit, WebhookNetwork network, WebhookVault vault, TimeProvider clock)
{
    private const int MostEmails = 10;

    /// <summary>Nobody is told where nothing was said.</summary>
    /// <exception cref="AccessDeniedException">They may not manage budgets there, which is who may know the receivers.</exception>
    public async Task<Digest> FindAsync(CurrentUser user, string @namespace, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageBudgets, @namespace);
        return await database.ReadAsync(async context => await context.Digests.FindAsync([@namespace], cancellationToken)) is { } row ? Read(row) : new Digest { Namespace = @namespace };
    }

    /// <summary>Sets it; returns what is wrong with it, and nothing when it is in force. The first week that is told of is the one that runs.</summary>
    /// <exception cref="AccessDeniedException">They may not manage budgets there.</exception>
    public async Task<IReadOnlyList<BudgetProblem>> SetAsync(CurrentUser user, string @namespace, DigestBody body, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageBudgets, @namespace);
        if (FindProblems(@namespace, body) is { Count: > 0 } problems)
        {
            return problems;
        }

        return await database.WriteAsync<IReadOnlyList<BudgetProblem>>(
            async context =>
            {
                var row = await context.Digests.FindAsync([@namespace], cancellationToken);
                var before = row is null ? new Digest { Namespace = @namespace } : Read(row);
                var webhook = body.Webhook switch { null => before.Webhook, "" => null, var address => vault.Protect(address) };
                var emails = (body.Emails ?? []).Select(address => address.Trim()).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
                if (body.IsOn && emails.Count == 0 && webhook is null)
                {
                    return [new BudgetProblem("emails", "Name an address or a webhook that is told, or turn it off.")];
                }

                var after = before with { IsOn = body.IsOn, TimeZone = body.TimeZone, Emails = emails, Webhook = webhook };
                if (row is null)
                {
                    row = new DigestRow { Namespace = @namespace, TimeZone = "", Emails = "", UpdatedBy = "", UpdatedAt = default };
                    context.Digests.Add(row);
                }

                (row.IsOn, row.TimeZone, row.Emails, row.Webhook) = (after.IsOn, after.TimeZone, string.Join(',', after.Emails), after.Webhook);
                (row.UpdatedAt, row.UpdatedBy) = (clock.GetUtcNow().UtcDateTime, user.Actor.Name);
                row.LastWeek = before.IsOn ? row.LastWeek : DigestWeek.At(after.Zone, clock.GetUtcNow()).Number;
                audit.Append(context, new AuditEntry(user.Actor, "digest.changed", "Digest", @namespace, null, AuditResult.Succeeded, Facts(before), Facts(after), Address: user.Address));
                return [];
            },
            cancellationToken);
    }

    internal static Digest Read(DigestRow row) => new()
    {
        Namespace = row.Namespace,
        IsOn = row.IsOn,
        TimeZone = row.TimeZone,
        Emails = row.Emails.Split(',', StringSplitOptions.RemoveEmptyEntries),
        Webhook = row.Webhook,
    };

    private List<BudgetProblem> FindProblems(string @namespace, DigestBody body)
    {
        var problems = new List<BudgetProblem>();
        if (!BudgetCheck.IsNamespace(@namespace))
        {
            problems.Add(new BudgetProblem("namespace", "No namespace can have this name: letters a-z, digits and '-'."));
        }

        if (body.TimeZone is not { Length: > 0 and <= 256 } || !TimeZoneInfo.TryFindSystemTimeZoneById(body.TimeZone, out _))
        {
            problems.Add(new BudgetProblem("timeZone", "There is no such time zone; write one like Europe/Berlin or UTC."));
        }

        if (body.Emails?.Count > MostEmails)
        {
            problems.Add(new BudgetProblem("emails", $"Give at most {MostEmails} addresses."));
        }
        else
        {
            problems.AddRange((body.Emails ?? []).Where(address => !EmailAddress.IsValid(address?.Trim())).Take(1)
                .Select(wrong => new BudgetProblem("emails", $"“{(wrong?.Length > 60 ? wrong[..60] + "…" : wrong)}” is no e-mail address such as finance@example.com.")));
        }

        if (body.Webhook is { Length: > 0 } webhook && network.FindProblem(webhook) is { } reason)
        {
            problems.Add(new BudgetProblem("webhook", reason));
        }

        return problems;
    }

    private JsonObject Facts(Digest digest) => new()
    {
        ["isOn"] = digest.IsOn,
        ["timeZone"] = digest.TimeZone,
        ["emails"] = string.Join(", ", digest.Emails),
        ["webhook"] = vault.Describe(digest.Webhook),
    };
}
