using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>Reads the log for somebody: rows of the namespaces whose audit they may read, and all rows when they may read that of the whole portal.</summary>
public sealed class AuditReader(PortalDatabase database)
{
    private const int Batch = 1000;

    /// <summary>The newest rows, newest first.</summary>
    /// <param name="before">Only rows with smaller numbers; null begins with the newest.</param>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(CurrentUser user, AuditFilter filter, long? before, int count, CancellationToken cancellationToken)
    {
        var scope = await ScopeAsync(user, cancellationToken);
        return await database.ReadAsync(context => Matching(context, filter, scope)
            .Where(row => before == null || row.Sequence < before).OrderByDescending(row => row.Sequence).Take(count).ToListAsync(cancellationToken));
    }

    /// <summary>All rows, oldest first, read in portions: the log is never in memory as a whole.</summary>
    public async IAsyncEnumerable<AuditRow> ReadAllAsync(CurrentUser user, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scope = await ScopeAsync(user, cancellationToken);
        for (var last = 0L; ;)
        {
            var after = last;
            var rows = await database.ReadAsync(context => Matching(context, filter, scope)
                .Where(row => row.Sequence > after).OrderBy(row => row.Sequence).Take(Batch).ToListAsync(cancellationToken));
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < Batch)
            {
                yield break;
            }

            last = rows[^1].Sequence;
        }
    }

    /// <summary>The row, if it may be read.</summary>
    public async Task<AuditRow?> FindAsync(CurrentUser user, long sequence, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(context => context.Audit.FirstOrDefaultAsync(row => row.Sequence == sequence, cancellationToken));
        return row is not null && user.May(Permission.ReadAudit, row.Namespace) ? row : null;
    }

    /// <summary>What there is to choose from in filters.</summary>
    public async Task<AuditChoices> ChoicesAsync(CurrentUser user, CancellationToken cancellationToken)
    {
        var scope = await ScopeAsync(user, cancellationToken);
        return await database.ReadAsync(async context => new AuditChoices(
            await Matching(context, new AuditFilter(), scope).Select(row => row.Action).Distinct().OrderBy(action => action).ToListAsync(cancellationToken),
            await Matching(context, new AuditFilter(), scope).Select(row => row.Kind).Distinct().OrderBy(kind => kind).ToListAsync(cancellationToken),
            await Matching(context, new AuditFilter(), scope).Where(row => row.Namespace != null).Select(row => row.Namespace!).Distinct().OrderBy(name => name).ToListAsync(cancellationToken)));
    }

    /// <summary>The namespaces somebody may read; null for everything.</summary>
    private async Task<List<string>?> ScopeAsync(CurrentUser user, CancellationToken cancellationToken)
    {
        if (user.May(Permission.ReadAudit, null))
        {
            return null;
        }

        var all = await database.ReadAsync(context => context.Audit.Where(row => row.Namespace != null).Select(row => row.Namespace!).Distinct().ToListAsync(cancellationToken));
        return [.. all.Where(@namespace => user.May(Permission.ReadAudit, @namespace))];
    }

    private static IQueryable<AuditRow> Matching(PortalDbContext context, AuditFilter filter, List<string>? scope)
    {
        var rows = context.Audit.AsQueryable();
        rows = scope is null ? rows : rows.Where(row => row.Namespace != null && scope.Contains(row.Namespace));
        rows = filter.Namespace is { } @namespace ? rows.Where(row => row.Namespace == @namespace) : rows;
        rows = filter.Kind is { } kind ? rows.Where(row => row.Kind == kind) : rows;
        rows = filter.Name is { } name ? rows.Where(row => row.Name == name) : rows;
        rows = filter.Result?.ToString() is { } result ? rows.Where(row => row.Result == result) : rows;
        rows = filter.Source?.ToString().ToLowerInvariant() is { } source ? rows.Where(row => row.Source == source) : rows;
        rows = filter.Correlation is { } correlation ? rows.Where(row => row.CorrelationId == correlation) : rows;
        rows = filter.From is { } from ? rows.Where(row => row.At >= from) : rows;
        rows = filter.To is { } to ? rows.Where(row => row.At < to) : rows;
        if (filter.Action is { } action)
        {
            var beginning = action.TrimEnd('.') + ".";
            rows = rows.Where(row => row.Action == action || row.Action.StartsWith(beginning));
        }

        if (filter.Actor is { } actor)
        {
            var part = TextSearch.PatternOf(actor);
            rows = rows.Where(row => row.ActorId == actor || EF.Functions.Like(TextSearch.Lower(row.ActorName), part, TextSearch.Escape));
        }

        return rows;
    }
}

/// <summary>Values that occur in the log, in order.</summary>
public sealed record AuditChoices(IReadOnlyList<string> Actions, IReadOnlyList<string> Kinds, IReadOnlyList<string> Namespaces);
