using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>
/// Drafts, saved on the server as they are typed. A saved draft survives everything but <see cref="DiscardAsync"/> and a publish of the
/// same text.
/// </summary>
public sealed class DraftStore(PortalDatabase database, AuditLog audit, TimeProvider clock)
{
    /// <summary>Raised after a draft was saved or discarded, with its namespace and name; handlers must be quick.</summary>
    public event Action<string, string>? Changed;

    /// <summary>Another portal changed a draft.</summary>
    internal void Hear(string @namespace, string name) => Changed?.Invoke(@namespace, name);

    public Task<Draft?> FindAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(context =>
            context.Drafts.FirstOrDefaultAsync(draft => draft.Namespace == @namespace && draft.Name == name, cancellationToken));

    public async Task<IReadOnlyList<Draft>> ListAsync(string @namespace, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Drafts.Where(draft => draft.Namespace == @namespace).OrderBy(draft => draft.Name)
            .ToListAsync(cancellationToken));

    /// <summary>Saves unless somebody else did meanwhile. A person's first save of a draft is audited, not every pause in their typing.</summary>
    /// <param name="baseContent">The published text the draft began from; null when there was none.</param>
    /// <param name="lastSeen">When the draft its author works on was saved; null when there was none; <see cref="DateTime.MaxValue"/>
    /// overwrites whatever there is.</param>
    /// <returns>The draft, or null when another one is there than was last seen.</returns>
    /// <exception cref="AccessDeniedException">The user may not edit there.</exception>
    public async Task<Draft?> SaveAsync(CurrentUser user, string @namespace, string name, string content, string? baseContent, DateTime? lastSeen,
        CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        var saved = await database.WriteAsync<Draft?>(
            async context =>
            {
                var draft = await context.Drafts.FindAsync([@namespace, name], cancellationToken);
                if (lastSeen != DateTime.MaxValue && draft is not null && draft.UpdatedAt != lastSeen && draft.Content != content)
                {
                    return null;
                }

                if (draft?.AuthorId != user.Actor.Id)
                {
                    audit.Append(context, EntryOf(user, "draft.saved", @namespace, name, draft?.Content ?? baseContent, content));
                }

                if (draft is null)
                {
                    draft = new Draft { Namespace = @namespace, Name = name, Content = content, UpdatedAt = default };
                    context.Drafts.Add(draft);
                }

                (draft.Content, draft.BaseContent, draft.UpdatedAt) = (content, baseContent, clock.GetUtcNow().UtcDateTime);
                (draft.AuthorId, draft.AuthorName) = (user.Actor.Id, user.Actor.Name);
                context.Tell(PortalTopics.Drafts, $"{@namespace}/{name}");
                return draft;
            },
            cancellationToken);
        Changed?.Invoke(@namespace, name);
        return saved;
    }

    /// <summary>Throws a draft away; false when there is none.</summary>
    /// <exception cref="AccessDeniedException">The user may not edit there.</exception>
    public async Task<bool> DiscardAsync(CurrentUser user, string @namespace, string name, CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        var discarded = await database.WriteAsync(
            async context =>
            {
                if (await context.Drafts.FindAsync([@namespace, name], cancellationToken) is not { } draft)
                {
                    return false;
                }

                context.Drafts.Remove(draft);
                context.Tell(PortalTopics.Drafts, $"{@namespace}/{name}");
                audit.Append(context, EntryOf(user, "draft.discarded", @namespace, name, draft.Content, draft.BaseContent));
                return true;
            },
            cancellationToken);
        if (discarded)
        {
            Changed?.Invoke(@namespace, name);
        }

        return discarded;
    }

    /// <summary>Takes a draft away whose text was published: nobody loses anything by it.</summary>
    /// <param name="lastSeen">When the draft was saved that the published text was written over, though it was not saved itself; null when there is none.</param>
    public async Task SettleAsync(string @namespace, string name, string published, DateTime? lastSeen, CancellationToken cancellationToken)
    {
        var settled = await database.WriteAsync(
            async context =>
            {
                if (await context.Drafts.FindAsync([@namespace, name], cancellationToken) is not { } draft || (draft.Content != published && draft.UpdatedAt != lastSeen))
                {
                    return false;
                }

                context.Drafts.Remove(draft);
                context.Tell(PortalTopics.Drafts, $"{@namespace}/{name}");
                return true;
            },
            cancellationToken);
        if (settled)
        {
            Changed?.Invoke(@namespace, name);
        }
    }

    private static AuditEntry EntryOf(CurrentUser user, string action, string @namespace, string name, string? before, string? after) => new(
        user.Actor, action, Prompt.Definition.Kind, @namespace, name, AuditResult.Succeeded,
        before is null ? null : new JsonObject { ["content"] = before }, after is null ? null : new JsonObject { ["content"] = after }, Address: user.Address);
}
