using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Prompts.Merging;
using Portal.Features.Releases.Revisions;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts.Branches;

/// <summary>
/// Branches: prompts of their own that know where they came from, so that one can run, compare and release them as any other, and put the winner back.
/// </summary>
public sealed class BranchStore(PortalDatabase database, PromptCatalog catalog, DraftStore drafts, RevisionStore revisions, AuditLog audit, TimeProvider clock)
{
    /// <summary>What a branch is of; null when the prompt is none.</summary>
    public Task<Branch?> FindAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(context => context.Branches.FirstOrDefaultAsync(branch => branch.Namespace == @namespace && branch.Name == name, cancellationToken));

    public async Task<IReadOnlyList<Branch>> ListAsync(string @namespace, string origin, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Branches.Where(branch => branch.Namespace == @namespace && branch.Origin == origin).OrderBy(branch => branch.Name)
            .ToListAsync(cancellationToken));

    /// <summary>Begins a branch as a draft with the origin's text as it is now. Returns why it cannot; null when it was begun.</summary>
    /// <exception cref="AccessDeniedException">The user may not edit there.</exception>
    public async Task<string?> BeginAsync(CurrentUser user, string @namespace, string origin, string name, CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        if (PromptName.Check(name) is { } badName)
        {
            return badName;
        }

        if (await TextAsync(@namespace, origin, cancellationToken) is not { } text)
        {
            return $"There is no prompt “{origin}” to branch.";
        }

        if (catalog.Find(@namespace, name) is not null || await drafts.FindAsync(@namespace, name, cancellationToken) is not null)
        {
            return $"There is a prompt “{name}” already. Choose another name.";
        }

        var published = catalog.Find(@namespace, origin) is { } live ? PromptCatalog.SpecOf(live).Content : null;
        var number = published is null ? null : await revisions.NumberOfAsync(Prompt.Definition.Kind, @namespace, origin, published, cancellationToken);
        if (await drafts.SaveAsync(user, @namespace, name, text, null, null, cancellationToken) is null)
        {
            return $"There is a prompt “{name}” already. Choose another name.";
        }

        await database.WriteAsync(
            async context =>
            {
                await context.Branches.Where(branch => branch.Namespace == @namespace && branch.Name == name).ExecuteDeleteAsync(cancellationToken);
                context.Branches.Add(new Branch
                {
                    Namespace = @namespace,
                    Name = name,
                    Origin = origin,
                    BaseContent = text,
                    BaseRevision = number,
                    AuthorId = user.Actor.Id,
                    AuthorName = user.Actor.Name,
                    CreatedAt = clock.GetUtcNow().UtcDateTime,
                });
                audit.Append(context, EntryOf(user, "prompt.branched", @namespace, name, origin));
            },
            cancellationToken);
        return null;
    }

    /// <summary>The branch put together with its origin as both are now; null when the prompt is no branch, or one of both is gone.</summary>
    public async Task<ThreeWayMerge?> PrepareAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        await FindAsync(@namespace, name, cancellationToken) is { } branch
        && await TextAsync(@namespace, name, cancellationToken) is { } theirs && await TextAsync(@namespace, branch.Origin, cancellationToken) is { } mine
            ? ThreeWayMerge.Of(branch.BaseContent, mine, theirs)
            : null;

    /// <summary>
    /// Makes a merged text the origin's draft; it reaches the cluster the way every draft does. False when somebody changed the origin's draft since
    /// <paramref name="lastSeen"/>.
    /// </summary>
    /// <exception cref="AccessDeniedException">The user may not edit there.</exception>
    public async Task<bool> MergeAsync(CurrentUser user, Branch branch, string merged, DateTime? lastSeen, CancellationToken cancellationToken)
    {
        var published = catalog.Find(branch.Namespace, branch.Origin) is { } live ? PromptCatalog.SpecOf(live).Content : null;
        var taken = await TextAsync(branch.Namespace, branch.Name, cancellationToken) ?? branch.BaseContent;
        if (await drafts.SaveAsync(user, branch.Namespace, branch.Origin, merged, published, lastSeen, cancellationToken) is null)
        {
            return false;
        }

        await database.WriteAsync(
            async context =>
            {
                if (await context.Branches.FindAsync([branch.Namespace, branch.Name], cancellationToken) is { } row)
                {
                    // A later merge brings only what the branch changes from here on.
                    (row.BaseContent, row.MergedAt) = (taken, clock.GetUtcNow().UtcDateTime);
                }

                audit.Append(context, EntryOf(user, "prompt.merged", branch.Namespace, branch.Origin, branch.Name));
            },
            cancellationToken);
        return true;
    }

    private async Task<string?> TextAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        (await drafts.FindAsync(@namespace, name, cancellationToken))?.Content
        ?? (catalog.Find(@namespace, name) is { } live ? PromptCatalog.SpecOf(live).Content : null);

    private static AuditEntry EntryOf(CurrentUser user, string action, string @namespace, string name, string other) => new(
        user.Actor, action, Prompt.Definition.Kind, @namespace, name, AuditResult.Succeeded, null, new JsonObject { ["with"] = other }, Address: user.Address);
}
