using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Runner.Contract;

namespace Portal.Features.Usage;

/// <summary>The usage of all calls, of flows and of the playground. Each call counts once, however often it is told.</summary>
public sealed class UsageLog(PortalDatabase database, TimeProvider clock)
{
    public const string FromFlow = "flow";
    public const string FromPlayground = "playground";

    /// <summary>Raised after calls were added, on any thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>Returns, once they are on disk, how many were new.</summary>
    public async Task<int> AddAsync(IReadOnlyCollection<UsageRecord> records, string source, CancellationToken cancellationToken)
    {
        var added = await database.WriteAsync(context => Task.FromResult(Add(context, records, source)), cancellationToken);
        if (added > 0)
        {
            Changed?.Invoke();
        }

        return added;
    }

    /// <summary>Adds within a transaction of the caller, who calls <see cref="Tell"/> after it.</summary>
    public int Add(PortalDbContext context, IEnumerable<UsageRecord> records, string source)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return UsageTable.Insert(context, records.Select(record => RowOf(record, source, now)));
    }

    public void Tell() => Changed?.Invoke();

    /// <summary>The newest calls of a flow, newest first.</summary>
    public async Task<IReadOnlyList<UsageRow>> RecentAsync(string @namespace, string flow, int count, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Usage
            .Where(row => row.Namespace == @namespace && row.Flow == flow)
            .OrderByDescending(row => row.StartedAt)
            .Take(count)
            .ToListAsync(cancellationToken));

    /// <summary>Forgets what began before <paramref name="time"/>; returns how many calls that were.</summary>
    public Task<int> PruneAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var before = time.UtcDateTime;
        return database.WriteAsync(context => context.Usage.Where(row => row.StartedAt < before).ExecuteDeleteAsync(cancellationToken), cancellationToken);
    }

    private static UsageRow RowOf(UsageRecord record, string source, DateTime now) => new()
    {
        CallId = record.CallId,
        StartedAt = record.StartedAt.UtcDateTime,
        ReceivedAt = now,
        Source = source,
        Namespace = record.Namespace,
        Flow = record.Flow,
        Prompt = record.Prompt,
        PromptHash = record.PromptHash,
        Provider = record.Provider,
        Model = record.Model,
        InputTokens = record.Usage.InputTokens,
        OutputTokens = record.Usage.OutputTokens,
        CachedInputTokens = record.Usage.CachedInputTokens,
        CacheWriteTokens = record.Usage.CacheWriteTokens,
        ReasoningTokens = record.Usage.ReasoningTokens,
        Outcome = record.Outcome,
        FinishReason = record.FinishReason,
        FirstTokenMicroseconds = (long?)record.TimeToFirstToken?.TotalMicroseconds,
        DurationMicroseconds = (long)record.Duration.TotalMicroseconds,
        Caller = record.Caller,
        TraceId = record.TraceId,
    };
}
