using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Prompts;

/// <summary>
/// Drafts, saved on the server as they are typed. A saved draft survives everything but <see cref="DiscardAsync"/> and a publish of the
/// same text.
/// </summary>
public sealed class DraftStore(PortalDatabase database, TimeProvider clock)
{
    /// <summary>Raised after a draft was saved or discarded, with its namespace and name; handlers must be quick.</summary>
    public event Action<string, string>? Changed;

    public Task<Draft?> FindAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(context =>
            context.Drafts.FirstOrDefaultAsync(draft => draft.Namespace == @namespace && draft.Name == name, cancellationToken));

    public async Task<IReadOnlyList<Draft>> ListAsync(string @namespace, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Drafts.Where(draft => draft.Namespace == @namespace).OrderBy(draft => draft.Name)
            .ToListAsync(cancellationToken));

    /// <summary>Saves unless somebody else did meanwhile.</summary>
    /// <param name="baseContent">The published text the draft began from; null when there was none.</param>
    /// <param name="lastSeen">When the draft its author works on was saved; null when there was none; <see cref="DateTime.MaxValue"/>
    /// overwrites whatever there is.</param>
    /// <returns>The draft, or null when another one is there than was last seen.</returns>
    public async Task<Draft?> SaveAsync(string @namespace, string name, string content, string? baseContent, DateTime? lastSeen,
        CancellationToken cancellationToken)
    {
        var saved = await database.WriteAsync<Draft?>(
            async context =>
            {
                var draft = await context.Drafts.FindAsync([@namespace, name], cancellationToken);
                if (lastSeen != DateTime.MaxValue && draft is not null && draft.UpdatedAt != lastSeen && draft.Content != content)
                {
                    return null;
                }

                if (draft is null)
                {
                    draft = new Draft { Namespace = @namespace, Name = name, Content = content, UpdatedAt = default };
                    context.Drafts.Add(draft);
                }

                (draft.Content, draft.BaseContent, draft.UpdatedAt) = (content, baseContent, clock.GetUtcNow().UtcDateTime);
                return draft;
            },
            cancellationToken);
        Changed?.Invoke(@namespace, name);
        return saved;
    }

    /// <summary>Removes a draft; only one with exactly <paramref name="content"/> when that is given.</summary>
    public async Task DiscardAsync(string @namespace, string name, string? content, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            context => context.Drafts
                .Where(draft => draft.Namespace == @namespace && draft.Name == name && (content == null || draft.Content == content))
                .ExecuteDeleteAsync(cancellationToken),
            cancellationToken);
        Changed?.Invoke(@namespace, name);
    }
}
