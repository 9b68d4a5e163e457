using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Features.Releases.Policies;

/// <summary>Environments made on the settings page. A change counts at once, also for requests that wait.</summary>
public sealed partial class EnvironmentStore(PortalDatabase database, ReleaseSettings settings, AuditLog audit, TimeProvider clock)
{
    /// <summary>Reads what is stored: before anything may be published, so that no policy is missed.</summary>
    public static ReleaseSettings Open(ReleaseSettings settings, PortalDatabase database)
    {
        settings.UseStored(database.ReadAsync(ReadAsync).GetAwaiter().GetResult());
        return settings;
    }

    /// <summary>Makes or changes an environment. Returns what is wrong with it; null when it was saved.</summary>
    /// <exception cref="AccessDeniedException">The user may not change settings.</exception>
    public async Task<string?> SaveAsync(CurrentUser user, ReleaseEnvironment environment, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        if (Check(environment) is { } problem)
        {
            return problem;
        }

        var definition = JsonSerializer.Serialize(environment with { IsConfigured = false, IsBuiltIn = false });
        await ChangeAsync(
            user, environment.Name, async context =>
            {
                var row = await context.Environments.FindAsync([environment.Name], cancellationToken);
                var before = row?.Definition;
                if (row is null)
                {
                    row = new EnvironmentRow { Name = environment.Name, Definition = definition, UpdatedAt = default, UpdatedBy = "" };
                    context.Environments.Add(row);
                }

                (row.Definition, row.UpdatedAt, row.UpdatedBy) = (definition, clock.GetUtcNow().UtcDateTime, user.Actor.Name);
                return (before, definition);
            },
            cancellationToken);
        return null;
    }

    /// <summary>Takes an environment away: its namespaces then have the policy of those that belong to none.</summary>
    /// <exception cref="AccessDeniedException">The user may not change settings.</exception>
    public Task RemoveAsync(CurrentUser user, string name, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        return ChangeAsync(
            user, name, async context =>
            {
                var row = await context.Environments.FindAsync([name], cancellationToken);
                if (row is not null)
                {
                    context.Environments.Remove(row);
                }

                return (row?.Definition, null);
            },
            cancellationToken);
    }

    private Task ChangeAsync(
        CurrentUser user, string name, Func<PortalDbContext, Task<(string? Before, string? After)>> change, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var (before, after) = await change(context);
            if (before == after)
            {
                return;
            }

            // In force before the next change can begin: of two at a time the later one must not be overwritten by what the first has read.
            await context.SaveChangesAsync(cancellationToken);
            var stored = await ReadAsync(context);
            context.AfterCommit(() => settings.UseStored(stored));
            audit.Append(context, new AuditEntry(user.Actor, after is null ? "environment.removed" : before is null ? "environment.made" : "environment.changed",
                "Environment", null, name, AuditResult.Succeeded, Json(before), Json(after), Address: user.Address));
        },
        cancellationToken);

    private string? Check(ReleaseEnvironment environment) => environment switch
    {
        _ when !Name().IsMatch(environment.Name) => "Give it a name of lower-case letters, digits and '-': production.",
        _ when settings.Environments.Any(other => other.IsConfigured && other.Name == environment.Name) =>
            $"“{environment.Name}” is written in the configuration of the portal. Change it there.",
        { Namespaces.Count: 0, Labels.Count: 0 } => "Name at least one namespace, or a label of namespaces.",
        { Policy.Approvals: < 0 or > 20 } => "The number of approvals must be from 0 to 20.",
        { Policy.ExpiresAfter: { } time } when time <= TimeSpan.Zero => "The time to wait must be more than nothing; leave it empty for ever.",
        _ => environment.Policy.Freezes.Select(freeze => freeze.Check()).FirstOrDefault(problem => problem is not null),
    };

    private static async Task<IReadOnlyList<ReleaseEnvironment>> ReadAsync(PortalDbContext context)
    {
        var rows = await context.Environments.OrderBy(row => row.Name).ToListAsync();
        return [.. rows.Select(row => JsonSerializer.Deserialize<ReleaseEnvironment>(row.Definition)!)];
    }

    private static JsonObject? Json(string? text) => text is null ? null : JsonNode.Parse(text) as JsonObject;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Name();
}
