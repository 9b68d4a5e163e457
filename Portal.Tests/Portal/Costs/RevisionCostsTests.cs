using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Features.Costs;
using Portal.Features.Costs.Revisions;
using Portal.Features.Usage;
using Portal.Tests.Portal.Components;

namespace Portal.Tests.Portal.Costs;

public sealed class RevisionCostsTests : IDisposable
{
    private readonly CostData _data = new();
    private readonly RevisionCosts _costs;

    public RevisionCostsTests() => _costs = new RevisionCosts(_data.Database, _data.Clock);

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task OfPrompt_CallsOfTheLastDays_AreAveragedByRevision()
    {
        var unpriced = Call(revision: 4, nanos: null);
        var old = Call(revision: 3, nanos: 9_000_000);
        old.StartedSecond -= 40 * 86_400;
        await _data.AddAsync((Call(3, 1_000_000), "USD"), (Call(3, 3_000_000), "USD"), (Call(4, 5_000_000), "USD"), (unpriced, null), (Call(5, null), null), (Call(null, 1), "USD"), (old, "USD"));

        var costs = await _costs.OfPromptAsync("team", "reply", default);

        Assert.Equal(
            [new RevisionCost(3, 2, 0, new Money(2_000_000, "USD")), new RevisionCost(4, 2, 1, new Money(5_000_000, "USD")), new RevisionCost(5, 1, 1, null)],
            costs.Values.OrderBy(cost => cost.Revision));
        Assert.Empty(await _costs.OfPromptAsync("other", "reply", default));
    }

    [Fact]
    public async Task Note_RunsOfBothTexts_TellsTheChange()
    {
        await AddRevisionAsync(3, "live");
        await _data.AddAsync((Run("new", 1_500_000), "USD"), (Run("new", 1_700_000), "USD"), (Run("live", 1_000_000), "USD"), (Run("else", 9), "USD"), (Call(3, 7), "USD"));

        var estimate = await _costs.EstimateAsync("team", "reply", "new", "live", default);

        Assert.Equal((0.6, new Money(600_000, "USD")), (estimate.Change, estimate.Difference));
        Assert.Contains("+60 % a call", Note("live"), StringComparison.Ordinal);
        Assert.Contains("2 runs in the playground", Note("live"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Note_NoRunsOfTheLiveText_ComparesWithItsCalls()
    {
        await AddRevisionAsync(3, "live");
        await _data.AddAsync((Run("new", 500_000), "USD"), (Call(3, 1_000_000), "USD"), (Call(3, 1_000_000), "USD"));

        Assert.Contains("against $0.001000 (2 calls of what is live)", Note("live"), StringComparison.Ordinal);
        Assert.Contains("−50 % a call", Note("live"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Note_NoSample_SaysSo()
    {
        await _data.AddAsync((Run("live", 500_000), "USD"), (Run("unpriced", null), null));

        Assert.Contains("no sample", Note("live"), StringComparison.Ordinal);
        Assert.Contains("no sample", Note("live", "unpriced"), StringComparison.Ordinal);
        Assert.Contains("it is new", Note(null, "live"), StringComparison.Ordinal);
        Assert.Contains("no run and no call of what is live", Note("nobody-ran-it", "live"), StringComparison.Ordinal);
    }

    private string Note(string? live, string text = "new")
    {
        using var context = UiContext.New(services => services.AddSingleton(_costs));
        var note = context.Render<CostNote>(parameters => parameters.Add(item => item.Namespace, "team").Add(item => item.Prompt, "reply").Add(item => item.Hash, text).Add(item => item.LiveHash, live));
        return note.WaitForElement("[data-testid=cost-note]").TextContent;
    }

    private UsageRow Call(int? revision, long? nanos)
    {
        var call = _data.Call(CostData.Now.AddHours(-2));
        (call.Revision, call.CostNanos) = (revision, nanos);
        return call;
    }

    private UsageRow Run(string hash, long? nanos)
    {
        var run = Call(null, nanos);
        (run.Source, run.Flow, run.PromptHash) = (UsageLog.FromPlayground, null, hash);
        return run;
    }

    private Task AddRevisionAsync(int number, string hash) => _data.Database.WriteAsync(
        context =>
        {
            context.Revisions.Add(new Revision
            {
                Kind = "Prompt",
                Namespace = "team",
                Name = "reply",
                Number = number,
                Content = "x",
                Hash = hash,
                AuthorId = "a",
                AuthorName = "A",
                Message = "m",
                Source = Revision.PortalSource,
                CreatedAt = CostData.Now,
            });
            return Task.CompletedTask;
        },
        default);
}
