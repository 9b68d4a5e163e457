using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Usage;

namespace Portal.Features.Costs.Revisions;

/// <summary>What the calls of a revision cost lately.</summary>
/// <param name="Unpriced">Of the calls, those without a price.</param>
/// <param name="PerCall">Of a call with a price; null when none has one, or they have several currencies.</param>
public sealed record RevisionCost(int Revision, long Calls, long Unpriced, Money? PerCall);

/// <summary>Runs of one text in the playground.</summary>
/// <param name="PerRun">On average.</param>
public sealed record RunSample(int Runs, Money PerRun);

/// <summary>What a change of a prompt will do to its cost, as far as that can be known.</summary>
/// <param name="New">Null when nobody ran the new text, or its model has no price.</param>
/// <param name="Live">The same of the text in force.</param>
/// <param name="LiveCalls">Real calls of the text in force; null when there were none or it is no revision.</param>
public sealed record CostEstimate(RunSample? New, RunSample? Live, RevisionCost? LiveCalls)
{
    /// <summary>What a call costs now: as runs did, or else as real calls do.</summary>
    public Money? Before => Live?.PerRun ?? LiveCalls?.PerCall;

    /// <summary>By how much of what it was a call changes; null when one side is not known.</summary>
    public double? Change => New is { } now && Before is { Nanos: > 0 } before && before.Currency == now.PerRun.Currency ? (double)(now.PerRun.Nanos - before.Nanos) / before.Nanos : null;

    /// <summary>What that makes of the calls of the last days, if they come again; null when there is nothing to say.</summary>
    public Money? Difference => Change is not null && LiveCalls is { Calls: > 0 } calls ? new Money((New!.PerRun.Nanos - Before!.Value.Nanos) * calls.Calls, New.PerRun.Currency) : null;
}

/// <summary>Costs of the revisions of a prompt: of its calls, and of runs in the playground. What may be seen is for the page to ask.</summary>
public sealed class RevisionCosts(PortalDatabase database, TimeProvider clock)
{
    /// <summary>How far back they look.</summary>
    public const int Days = 30;
    private const int MostRuns = 200;

    /// <summary>By number; revisions without calls are not in it.</summary>
    public async Task<IReadOnlyDictionary<int, RevisionCost>> OfPromptAsync(string @namespace, string prompt, CancellationToken cancellationToken)
    {
        var since = (clock.GetUtcNow().ToUnixTimeSeconds() / 86_400) - Days;
        var sums = await database.ReadAsync(context => context.UsageDays.Where(day => day.Day > since)
            .Join(context.UsageSeries, day => day.SeriesId, series => series.Id, (day, series) => new { day, series })
            .Where(item => item.series.Namespace == @namespace && item.series.Prompt == prompt && item.series.Revision > 0)
            .GroupBy(item => new { item.series.Revision, item.series.Currency })
            .Select(group => new
            {
                group.Key.Revision,
                group.Key.Currency,
                Calls = group.Sum(item => item.day.Calls),
                Unpriced = group.Sum(item => item.day.Unpriced),
                Nanos = group.Sum(item => item.day.CostNanos),
            })
            .ToListAsync(cancellationToken));
        return sums.GroupBy(sum => sum.Revision).ToDictionary(group => group.Key, group =>
        {
            var (calls, unpriced) = (group.Sum(sum => sum.Calls), group.Sum(sum => sum.Unpriced));
            var priced = group.Where(sum => sum.Currency.Length > 0).ToList();
            return new RevisionCost(group.Key, calls, unpriced, priced is [var only] && calls > unpriced ? new Money(only.Nanos / (calls - unpriced), only.Currency) : null);
        });
    }

    /// <param name="newHash">Of the text that is to be published.</param>
    /// <param name="liveHash">Of the text in force; null when there is none.</param>
    public async Task<CostEstimate> EstimateAsync(string @namespace, string prompt, string newHash, string? liveHash, CancellationToken cancellationToken)
    {
        if (liveHash is null)
        {
            return new CostEstimate(await SampleAsync(@namespace, prompt, newHash, cancellationToken), null, null);
        }

        var live = await database.ReadAsync(context => context.Revisions
            .Where(item => item.Kind == "Prompt" && item.Namespace == @namespace && item.Name == prompt && item.Hash == liveHash)
            .MaxAsync(item => (int?)item.Number, cancellationToken));
        return new CostEstimate(
            await SampleAsync(@namespace, prompt, newHash, cancellationToken),
            await SampleAsync(@namespace, prompt, liveHash, cancellationToken),
            live is { } number ? (await OfPromptAsync(@namespace, prompt, cancellationToken)).GetValueOrDefault(number) : null);
    }

    private async Task<RunSample?> SampleAsync(string @namespace, string prompt, string hash, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow().UtcDateTime.AddDays(-Days);
        var runs = await database.ReadAsync(context => context.Usage
            .Where(call => call.Namespace == @namespace && call.Flow == null && call.StartedAt > since && call.Prompt == prompt && call.PromptHash == hash
                && call.Source == UsageLog.FromPlayground && call.Outcome == UsageRow.Ok && call.CostNanos != null)
            .OrderByDescending(call => call.StartedAt).Take(MostRuns)
            .Join(context.UsageSeries, call => call.SeriesId, series => series.Id, (call, series) => new { Nanos = call.CostNanos!.Value, series.Currency })
            .ToListAsync(cancellationToken));
        return runs.GroupBy(run => run.Currency).OrderByDescending(group => group.Count())
            .Select(group => new RunSample(group.Count(), new Money(group.Sum(run => run.Nanos) / group.Count(), group.Key))).FirstOrDefault();
    }
}
