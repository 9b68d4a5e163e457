using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Queries;
using Portal.Features.Usage;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Costs;

/// <summary>A database of priced calls, and what reads them.</summary>
internal sealed class CostData : IDisposable
{
    public static readonly DateTime Now = new(2026, 4, 10, 14, 25, 7, DateTimeKind.Utc);

    private readonly TestDatabase _test = new();
    private readonly UsageSeriesTable _series = new();
    private int _calls;

    public CostData() => Reports = new CostReports(_test.Database, new PortalOptions(), Clock);

    public ManualTimeProvider Clock { get; } = new(new DateTimeOffset(Now));

    public PortalDatabase Database => _test.Database;

    public CostReports Reports { get; }

    public CostCalls Calls => new(_test.Database);

    public Task AddAsync(params IReadOnlyList<(UsageRow Row, string? Currency)> calls) => _test.Database.WriteAsync(
        context =>
        {
            using var series = _series.Write(context, Clock.GetUtcNow());
            foreach (var (row, currency) in calls)
            {
                row.SeriesId = series.IdOf(UsageFacts.SeriesOf(row, currency));
            }

            UsageTable.Insert(context, calls.Select(call => call.Row));
            return Task.CompletedTask;
        },
        default);

    /// <summary>A call of the flow <c>team/reply</c> for a thousandth of a dollar.</summary>
    public UsageRow Call(DateTime at) => new()
    {
        CallId = $"call-{++_calls:0000}",
        StartedAt = at,
        ReceivedAt = at,
        StartedSecond = new DateTimeOffset(at).ToUnixTimeSeconds(),
        Source = UsageLog.FromFlow,
        Namespace = "team",
        Flow = "reply",
        Prompt = "reply",
        Revision = 3,
        Provider = "openai",
        Model = "gpt-4o",
        InputTokens = 100,
        OutputTokens = 20,
        CostNanos = 1_000_000,
        Outcome = UsageRow.Ok,
        FinishReason = "stop",
        DurationMicroseconds = 1_000,
    };

    public Task<List<UsageRow>> AllAsync() => _test.Database.ReadAsync(context => context.Usage.ToListAsync());

    public void Dispose() => _test.Dispose();
}
