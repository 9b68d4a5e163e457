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
        settings.UseStored(database.Read(static context => Of(context.Environments.OrderBy(row => row.Name).ToList())));
        return settings;
    }

    /// <summary>Another portal changed environments.</summary>
    // In the order of all changes: what was read before one of this portal must not replace it.
    internal Task HearAsync() => database.WriteAsync(
        async context =>
        {
            var stored = await ReadAsync(context);
            context.OnCommit(() => settings.UseStored(stored));
        },
        CancellationToken.None);

    /// <summary>Makes or changes an environment, unless somebody else did meanwhile.</summary>
    /// <param name="seen">What the change began from; null for an environment that is to be made.</param>
    /// <exception cref="AccessDeniedException">The user may not change settings.</exception>
    public async Task<EnvironmentAnswer> SaveAsync(CurrentUser user, ReleaseEnvironment environment, ReleaseEnvironment? seen, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        if (Check(environment) is { } problem)
        {
            return new EnvironmentAnswer(problem);
        }

        return await database.WriteAsync(
            async context =>
            {
                var row = await context.Environments.FindAsync([environment.Name], cancellationToken);
                if (row?.Definition != (seen is { IsBuiltIn: false } ? DefinitionOf(seen) : null))
                {
                    return new EnvironmentAnswer(row is null ? $"“{environment.Name}” was removed meanwhile." : seen is null ? $"There is an environment “{environment.Name}” already."
                        : $"{row.UpdatedBy} changed “{environment.Name}” at {row.UpdatedAt:u}, while you did.")
                    { IsConflict = true, Theirs = row is null ? null : Read(row) };
                }

                var (before, after) = (row?.Definition, DefinitionOf(environment));
                if (row is null)
                {
                    row = new EnvironmentRow { Name = environment.Name, Definition = after, UpdatedAt = default, UpdatedBy = "" };
                    context.Environments.Add(row);
                }

                (row.Definition, row.UpdatedAt, row.UpdatedBy) = (after, clock.GetUtcNow().UtcDateTime, user.Actor.Name);
                await RecordAsync(context, user, environment.Name, before, after);
                return new EnvironmentAnswer();
            },
            cancellationToken);
    }

    /// <summary>Takes an environment away: its namespaces then have the policy of those that belong to none.</summary>
    /// <exception cref="AccessDeniedException">The user may not change settings.</exception>
    public Task RemoveAsync(CurrentUser user, string name, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        return database.WriteAsync(
            async context =>
            {
                if (await context.Environments.FindAsync([name], cancellationToken) is { } row)
                {
                    context.Environments.Remove(row);
                    await RecordAsync(context, user, name, row.Definition, null);
                }
            },
            cancellationToken);
    }

    /// <summary>What differs between two of them, for whoever has to choose.</summary>
    public static IReadOnlyList<FieldChange> Compare(ReleaseEnvironment before, ReleaseEnvironment after) =>
        FieldDifference.Between(Json(DefinitionOf(before)), Json(DefinitionOf(after)), "Environment");

    private async Task RecordAsync(PortalDbContext context, CurrentUser user, string name, string? before, string? after)
    {
        if (before == after)
        {
            return;
        }

        // In force before the next change can begin: of two at a time the later one must not be overwritten by what the first has read.
        await context.SaveChangesAsync(CancellationToken.None);
        var stored = await ReadAsync(context);
        context.OnCommit(() => settings.UseStored(stored));
        context.Tell(PortalTopics.Environments);
        audit.Append(context, new AuditEntry(user.Actor, after is null ? "environment.removed" : before is null ? "environment.made" : "environment.changed",
            "Environment", null, name, AuditResult.Succeeded, Json(before), Json(after), Address: user.Address));
    }

    private string? Check(ReleaseEnvironment environment) => environment switch
    {
        _ when !Name().IsMatch(environment.Name) => "Give it a name of lower-case letters, digits and '-': production.",
        _ when settings.Environments.Any(other => other.IsConfigured && other.Name == environment.Name) =>
            $"“{environment.Name}” is written in the configuration of the portal. Change it there.",
        { Namespaces.Count: 0, Labels.Count: 0 } => "Name at least one namespace, or a label of namespaces.",
        _ when environment.Namespaces.FirstOrDefault(name => !Name().IsMatch(name)) is { } wrong => $"“{wrong}” is no name of a namespace: those have lower-case letters, digits and '-'.",
        _ when environment.Policy.RequiredEvals.FirstOrDefault(name => !ObjectName().IsMatch(name)) is { } wrong => $"“{wrong}” is no name of an Eval: those have lower-case letters, digits, '-' and '.'.",
        { Policy.Approvals: < 0 or > 20 } => "The number of approvals must be from 0 to 20.",
        { Policy.ExpiresAfter: { } time } when time <= TimeSpan.Zero => "The time to wait must be more than nothing; leave it empty for ever.",
        _ => environment.Policy.Freezes.Select(freeze => freeze.Check()).FirstOrDefault(problem => problem is not null),
    };

    private static async Task<IReadOnlyList<ReleaseEnvironment>> ReadAsync(PortalDbContext context) =>
        Of(await context.Environments.OrderBy(row => row.Name).ToListAsync());

    private static IReadOnlyList<ReleaseEnvironment> Of(List<EnvironmentRow> rows) => [.. rows.Select(Read)];

    private static ReleaseEnvironment Read(EnvironmentRow row) => JsonSerializer.Deserialize<ReleaseEnvironment>(row.Definition)!;

    private static string DefinitionOf(ReleaseEnvironment environment) => JsonSerializer.Serialize(environment with { IsConfigured = false, IsBuiltIn = false });

    private static JsonObject? Json(string? text) => text is null ? null : JsonNode.Parse(text) as JsonObject;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?\z")]
    private static partial Regex ObjectName();
}

/// <summary>How saving an environment ended.</summary>
/// <param name="Problem">Why it was not saved; null when it was.</param>
public sealed record EnvironmentAnswer(string? Problem = null)
{
    /// <summary>Whether somebody else was there first.</summary>
    public bool IsConflict { get; init; }

    /// <summary>What they made of it; null when they removed it.</summary>
    public ReleaseEnvironment? Theirs { get; init; }
}
