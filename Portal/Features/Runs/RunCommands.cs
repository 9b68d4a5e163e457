using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Components.Inputs;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Playground;

namespace Portal.Features.Runs;

/// <summary>What people do to the history: mark runs, and say what is kept. Each asks whether they may.</summary>
public sealed class RunCommands(PortalDatabase database, RunPolicies policies, AuditLog audit, TimeProvider clock)
{
    public const int LongestNote = 2000;

    /// <summary>Gives a run a star and a note, or takes them; false when there is no such run.</summary>
    /// <param name="note">Null takes it away.</param>
    /// <exception cref="AccessDeniedException">They may not read its answer, not run or not comment there; in a read-only portal nobody may.</exception>
    public Task<bool> MarkAsync(CurrentUser user, string @namespace, string id, bool isStarred, string? note, CancellationToken cancellationToken)
    {
        user.Demand(Permission.Comment, @namespace);
        user.Demand(Permission.Run, @namespace);
        user.Demand(Permission.ReadRuns, @namespace);
        var text = string.IsNullOrWhiteSpace(note) ? null : note.Length > LongestNote ? note[..LongestNote] : note;
        return database.WriteAsync(
            async context => await context.Runs.Where(row => row.Id == id && row.Namespace == @namespace).ExecuteUpdateAsync(
                row => row.SetProperty(run => run.IsStarred, isStarred).SetProperty(run => run.Note, text), cancellationToken) == 1,
            cancellationToken);
    }

    /// <exception cref="AccessDeniedException">They may not read there.</exception>
    public Task<RunPolicy> PolicyAsync(CurrentUser user, string @namespace, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ReadNamespace, @namespace);
        return database.ReadAsync(context => RunPolicy.OfAsync(context, @namespace));
    }

    /// <summary>Sets what is kept from now on; what was kept before stays until it is old. Returns the mistake in it; null when it is in force.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings there.</exception>
    public async Task<string?> SetPolicyAsync(CurrentUser user, string @namespace, RunPolicy policy, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, @namespace);
        if (policy.FindMistake() is { } mistake)
        {
            return mistake;
        }

        await database.WriteAsync(
            async context =>
            {
                var row = await context.RunPolicies.FindAsync([@namespace], cancellationToken);
                var before = row is null ? RunPolicy.Default : RunPolicy.Read(row);
                if (row is null)
                {
                    row = new RunPolicyRow { Namespace = @namespace, Definition = "", UpdatedAt = default, UpdatedBy = "" };
                    context.RunPolicies.Add(row);
                }

                (row.Definition, row.UpdatedAt, row.UpdatedBy) = (JsonSerializer.Serialize(policy, InputJson.Compact), clock.GetUtcNow().UtcDateTime, user.Actor.Name);
                audit.Append(context, new AuditEntry(user.Actor, "runs.policy-changed", "RunPolicy", @namespace, null, AuditResult.Succeeded,
                    (JsonObject)JsonSerializer.SerializeToNode(before, InputJson.Compact)!, (JsonObject)JsonSerializer.SerializeToNode(policy, InputJson.Compact)!, Address: user.Address));
                context.Tell(PortalTopics.RunPolicies);
                context.AfterCommit(policies.Hear);
            },
            cancellationToken);
        return null;
    }
}
