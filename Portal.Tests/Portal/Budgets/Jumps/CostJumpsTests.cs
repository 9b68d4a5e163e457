using Portal.Auth;
using Portal.Data;
using Portal.Features.Budgets.Jumps;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Budgets.Jumps;

public sealed class CostJumpsTests : IDisposable
{
    private readonly BudgetScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task List_RevisionThatCostsMore_IsNamedToWhoMaySeeIt()
    {
        var hour = _scene.Clock.GetUtcNow().ToUnixTimeSeconds() / 3600;
        await AddAsync(Series(1, 12), Enumerable.Range(10, 100).Select(back => (hour - back, 10L, 10_000_000L)));
        await AddAsync(Series(2, 13), Enumerable.Range(0, 10).Select(back => (hour - back, 10L, 35_000_000L)));
        using var jumps = new CostJumps(_scene.Database, _scene.Clock);
        var stranger = new CurrentUser(new AccessPolicy([]));

        var note = Assert.Single(await jumps.ListAsync(TestUsers.Administrator(), default));

        Assert.Equal(("n", "f", "p", "USD", CostJumpKind.PerCall), (note.Namespace, note.Flow, note.Prompt, note.Currency, note.Jump.Kind));
        Assert.Equal(("revision r13 of p", "/ns/n/prompts/p/history", 3.5), (note.Jump.Cause!.Title, note.Jump.Cause.Href, note.Jump.Factor));
        Assert.Empty(await jumps.ListAsync(stranger, default));
    }

    [Fact]
    public async Task List_PriceThatWasRaised_IsNamed()
    {
        var now = _scene.Clock.GetUtcNow();
        var hour = now.ToUnixTimeSeconds() / 3600;
        await AddAsync(Series(1, 0), Enumerable.Range(0, 100).Select(back => (hour - back, 10L, back < 8 ? 20_000_000L : 10_000_000L)));
        await _scene.Database.WriteAsync(
            context => context.Prices.AddAsync(new PriceRow
            {
                Provider = "openai",
                Model = "gpt-4*",
                ValidFrom = now.AddHours(-7).UtcDateTime,
                Currency = "USD",
                Input = 1,
                Output = 1,
                CreatedAt = now.AddDays(-10).UtcDateTime,
                CreatedBy = "Ada",
            }).AsTask(),
            default);
        using var jumps = new CostJumps(_scene.Database, _scene.Clock);

        var note = Assert.Single(await jumps.ListAsync(TestUsers.Administrator(), default));

        Assert.Equal(("the new price of openai/gpt-4*", "/costs/prices"), (note.Jump.Cause!.Title, note.Jump.Cause.Href));
    }

    private static UsageSeries Series(long id, int revision) => new()
    {
        Id = id,
        Source = "flow",
        Namespace = "n",
        Flow = "f",
        Prompt = "p",
        Revision = revision,
        Provider = "openai",
        Model = "gpt-4o",
        Currency = "USD",
    };

    private Task AddAsync(UsageSeries series, IEnumerable<(long Hour, long Calls, long Nanos)> hours) => _scene.Database.WriteAsync(
        context =>
        {
            context.UsageSeries.Add(series);
            context.UsageHours.AddRange(hours.Select(hour => new UsageHour { Hour = hour.Hour, SeriesId = series.Id, Calls = hour.Calls, CostNanos = hour.Nanos }));
            return Task.CompletedTask;
        },
        default);
}
