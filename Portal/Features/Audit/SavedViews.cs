using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>Filters of the audit page that somebody keeps under names of their own.</summary>
public sealed class SavedViews(PortalDatabase database)
{
    /// <summary>Of one person.</summary>
    public const int Most = 50;

    public const int LongestName = 60;
    private const string Page = "audit";

    /// <summary>In order of their names.</summary>
    public async Task<IReadOnlyList<SavedView>> ListAsync(CurrentUser user, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.SavedViews
            .Where(view => view.Owner == user.Actor.Id && view.Page == Page).OrderBy(view => view.Name).ToListAsync(cancellationToken));

    /// <summary>Keeps a filter, replacing one of the same name. Returns what is wrong with the name, or null.</summary>
    public async Task<string?> SaveAsync(CurrentUser user, string name, AuditFilter filter, CancellationToken cancellationToken)
    {
        if (!user.MaySomewhere(Permission.ReadAudit))
        {
            throw new AccessDeniedException(user.Actor, Permission.ReadAudit, filter.Namespace);
        }

        if (name.Trim() is not { Length: > 0 and <= LongestName } kept)
        {
            return $"Give the view a name of at most {LongestName} characters.";
        }

        return await database.WriteAsync<string?>(
            async context =>
            {
                var owner = user.Actor.Id;
                if (await context.SavedViews.FindAsync([owner, Page, kept], cancellationToken) is { } there)
                {
                    there.Query = filter.ToQuery();
                    return null;
                }

                if (await context.SavedViews.CountAsync(view => view.Owner == owner && view.Page == Page, cancellationToken) >= Most)
                {
                    return $"There are {Most} views already. Remove one first.";
                }

                context.SavedViews.Add(new SavedView { Owner = owner, Page = Page, Name = kept, Query = filter.ToQuery() });
                return null;
            },
            cancellationToken);
    }

    public Task RemoveAsync(CurrentUser user, string name, CancellationToken cancellationToken)
    {
        var owner = user.Actor.Id;
        return database.WriteAsync(
            context => context.SavedViews.Where(view => view.Owner == owner && view.Page == Page && view.Name == name).ExecuteDeleteAsync(cancellationToken), cancellationToken);
    }
}
