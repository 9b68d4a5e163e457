using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Operator.Prompts;

namespace Portal.Features.Runs;

/// <summary>The history of runs, newest first. Whoever may read a namespace sees that a run was; input and answer take a right of their own.</summary>
/// <param name="running">Finds a run that is under way.</param>
public sealed class RunReader(PortalDatabase database, Func<string, Run?> running, PriceBook prices)
{
    internal const int ExportPage = 200;

    /// <exception cref="AccessDeniedException">They may not read there.</exception>
    public async Task<RunList> ListAsync(CurrentUser user, string @namespace, RunFilter filter, int skip, int take, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ReadNamespace, @namespace);
        var mayRead = user.May(Permission.ReadRuns, @namespace);
        return await database.ReadAsync(async context =>
        {
            var rows = await QueryAsync(context, @namespace, filter, mayRead, cancellationToken);
            var total = await rows.CountAsync(cancellationToken);
            var found = await rows.OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.Id).Skip(skip).Take(take).ToListAsync(cancellationToken);
            return new RunList(await ItemsAsync(context, user, @namespace, found, cancellationToken), total);
        });
    }

    /// <summary>A run as it is now or as it ended; null when there is none that they may know of. Input and answer are left out where they may not be read.</summary>
    public async Task<RunListItem?> FindAsync(CurrentUser user, string @namespace, string id, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ReadNamespace, @namespace);
        return await database.ReadAsync(async context =>
        {
            var run = running(id)?.Snapshot();
            if (run is null && await context.Runs.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is { } row)
            {
                run = (await WithUsageAsync(context, [row], cancellationToken))[0];
            }

            return run is null || run.Namespace != @namespace ? null
                : new RunListItem(run.IsReadableBy(user) ? run : run.WithoutContents(), await RevisionAsync(context, run, cancellationToken));
        });
    }

    /// <summary>All runs of a filter with what they said, for an export. Each comes once, whatever begins, is added or forgotten while it is read.</summary>
    /// <exception cref="AccessDeniedException">They may not read there.</exception>
    internal async IAsyncEnumerable<RunListItem> ExportAsync(CurrentUser user, string @namespace, RunFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        user.Demand(Permission.ReadNamespace, @namespace);
        var mayRead = user.May(Permission.ReadRuns, @namespace);
        RunRow? last = null;
        do
        {
            var (rows, items) = await database.ReadAsync(async context =>
            {
                var found = await After(await QueryAsync(context, @namespace, filter, mayRead, cancellationToken), last)
                    .OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.Id).Take(ExportPage).ToListAsync(cancellationToken);
                return (found, await ItemsAsync(context, user, @namespace, found, cancellationToken));
            });
            foreach (var item in items)
            {
                yield return item;
            }

            last = rows.Count < ExportPage ? null : rows[^1];
        }
        while (last is not null);
    }

    private static IQueryable<RunRow> After(IQueryable<RunRow> rows, RunRow? last) => last is null ? rows
        : rows.Where(row => row.StartedAt < last.StartedAt || (row.StartedAt == last.StartedAt && string.Compare(row.Id, last.Id) < 0));

    private async Task<IReadOnlyList<RunListItem>> ItemsAsync(PortalDbContext context, CurrentUser user, string @namespace, List<RunRow> rows, CancellationToken cancellationToken)
    {
        var revisions = await RevisionsAsync(context, @namespace, rows, cancellationToken);
        return [.. (await WithUsageAsync(context, rows, cancellationToken)).Select(run => new RunListItem(run.IsReadableBy(user) ? run : run.WithoutContents(), NumberOf(revisions, run)))];
    }

    private static async Task<IQueryable<RunRow>> QueryAsync(PortalDbContext context, string @namespace, RunFilter filter, bool mayRead, CancellationToken cancellationToken)
    {
        var rows = context.Runs.Where(row => row.Namespace == @namespace);
        if (filter.Prompt is { } prompt)
        {
            rows = rows.Where(row => row.Prompt == prompt);
        }

        if (filter.Revision is { } number)
        {
            var hash = await context.Revisions.Where(revision => revision.Kind == Prompt.Definition.Kind && revision.Namespace == @namespace && revision.Name == filter.Prompt && revision.Number == number)
                .Select(revision => revision.Hash).FirstOrDefaultAsync(cancellationToken) ?? "none";
            rows = rows.Where(row => row.PromptHash == hash);
        }

        if (filter.Model is { } model)
        {
            rows = rows.Where(row => row.Model!.Contains(model) || context.Usage.Any(usage => usage.CallId == row.Id && usage.Model.Contains(model)));
        }

        if (filter.Search is { } words)
        {
            var text = TextSearch.PatternOf(words);

            // Who may not read an answer must not find out what is in it by searching.
            rows = rows.Where(row => EF.Functions.Like(TextSearch.Lower(row.Prompt), text, TextSearch.Escape)
                || (mayRead && (EF.Functions.Like(TextSearch.Lower(row.Input), text, TextSearch.Escape) || EF.Functions.Like(TextSearch.Lower(row.Output), text, TextSearch.Escape)
                    || EF.Functions.Like(TextSearch.Lower(row.Note), text, TextSearch.Escape))));
        }

        return rows.Where(row => (filter.User == null || row.Caller == filter.User) && (filter.Outcome == null || row.State == filter.Outcome)
            && (filter.Source == null || row.Source == filter.Source) && (filter.From == null || row.StartedAt >= filter.From) && (filter.To == null || row.StartedAt < filter.To)
            && (!filter.Starred || row.IsStarred));
    }

    /// <summary>What calls of flows used is in their own records.</summary>
    private async Task<List<RunSnapshot>> WithUsageAsync(PortalDbContext context, List<RunRow> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Where(row => row.Source == RunSnapshot.FromFlow).Select(row => row.Id).ToList();
        var usage = ids.Count == 0 ? [] : await context.Usage.Where(call => ids.Contains(call.CallId)).ToDictionaryAsync(call => call.CallId, StringComparer.Ordinal, cancellationToken);
        return [.. rows.Select(row =>
        {
            if (usage.GetValueOrDefault(row.Id) is { } call)
            {
                (row.Provider, row.Model, row.FinishReason, row.PromptHash) = (call.Provider, call.Model, call.FinishReason, call.PromptHash);
                (row.InputTokens, row.OutputTokens, row.CachedInputTokens, row.CacheWriteTokens, row.ReasoningTokens) =
                    (call.InputTokens, call.OutputTokens, call.CachedInputTokens, call.CacheWriteTokens, call.ReasoningTokens);
                (row.CostMicros, row.FirstTokenMilliseconds) = (call.CostNanos / 1000, call.FirstTokenMicroseconds / 1000);
            }

            return RunSnapshot.From(row, prices);
        })];
    }

    private static async Task<Dictionary<(string, string), int>> RevisionsAsync(PortalDbContext context, string @namespace, List<RunRow> rows, CancellationToken cancellationToken)
    {
        var hashes = rows.Select(row => row.PromptHash).OfType<string>().Distinct().ToList();
        return hashes.Count == 0 ? [] : (await context.Revisions
            .Where(revision => revision.Kind == Prompt.Definition.Kind && revision.Namespace == @namespace && hashes.Contains(revision.Hash))
            .Select(revision => new { revision.Name, revision.Hash, revision.Number }).ToListAsync(cancellationToken))
            .GroupBy(revision => (revision.Name, revision.Hash)).ToDictionary(group => group.Key, group => group.Max(revision => revision.Number));
    }

    private static async Task<int?> RevisionAsync(PortalDbContext context, RunSnapshot run, CancellationToken cancellationToken) => run.PromptHash is null ? null
        : await context.Revisions.Where(revision => revision.Kind == Prompt.Definition.Kind && revision.Namespace == run.Namespace && revision.Name == run.Prompt && revision.Hash == run.PromptHash)
            .MaxAsync(revision => (int?)revision.Number, cancellationToken);

    private static int? NumberOf(Dictionary<(string, string), int> revisions, RunSnapshot run) =>
        run.PromptHash is { } hash && revisions.TryGetValue((run.Prompt, hash), out var number) ? number : null;
}
