using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Budgets;

namespace Portal.Tests.Portal.Budgets;

public sealed class SpendReaderTests : IDisposable
{
    private readonly BudgetScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Read_RandomCallsAndTimes_IsTheSumOverTheCalls(int seed)
    {
        var random = new Random(seed);
        var start = _scene.Clock.GetUtcNow().AddDays(-3);
        for (var index = 0; index < 300; index++)
        {
            await _scene.SpendAsync(random.Next(1, 100) / 100m, record => record with
            {
                StartedAt = start.AddSeconds(random.Next(3 * 86_400)),
                Namespace = Pick("n", "m"),
                Flow = Pick("f", "g"),
                Caller = Pick("ada", "bob", null),
                Team = Pick("red", null),
                Token = Pick("ci", null),
                Model = random.Next(10) == 0 ? "nobody-knows" : "gpt-4o",
            });
        }

        Budget[] budgets =
        [
            BudgetsOf.Of(BudgetScope.Namespace, "n", ""), BudgetsOf.Of(BudgetScope.Flow, "m", "g"), BudgetsOf.Of(BudgetScope.Team, "", "red"), BudgetsOf.Of(BudgetScope.User, "n", "ada"), BudgetsOf.Of(BudgetScope.Token, "", "ci"),
            BudgetsOf.Of(BudgetScope.User, "", "nobody"),
        ];
        var rows = await _scene.Database.ReadAsync(context => context.Usage.ToListAsync());
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var from = start.AddSeconds(random.Next(3 * 86_400));
            var read = await _scene.Spending.ReadAsync(from, budgets, default);

            foreach (var (budget, spend) in budgets.Zip(read))
            {
                var own = rows.Where(row => row.StartedSecond >= from.ToUnixTimeSeconds() && Counts(budget, row)).ToList();
                Assert.Equal((own.Sum(row => row.CostNanos ?? 0), own.Count, own.Count(row => row.CostNanos is null)), (spend.Nanos, spend.Calls, spend.Unpriced));
            }
        }

        string? Pick(params string?[] values) => values[random.Next(values.Length)];
    }

    [Fact]
    public async Task Read_OtherCurrencyAndUnpriced_AreToldAndNotAdded()
    {
        await _scene.SpendAsync(2);
        await _scene.SpendAsync(3, record => record with { Model = "nobody-knows" });

        var dollars = (await _scene.Spending.ReadAsync(_scene.Clock.GetUtcNow().AddHours(-1), [BudgetsOf.Of(BudgetScope.Namespace, "n", "")], default))[0];
        var euros = (await _scene.Spending.ReadAsync(_scene.Clock.GetUtcNow().AddHours(-1), [BudgetsOf.Of(BudgetScope.Namespace, "n", "") with { Currency = "EUR" }], default))[0];

        Assert.Equal((2_000_000_000, 2, 1, 0), (dollars.Nanos, dollars.Calls, dollars.Unpriced, dollars.Others.Count));
        Assert.Equal((0, 2_000_000_000, true), (euros.Nanos, euros.Others["USD"], euros.IsIncomplete));
    }

    [Fact]
    public async Task Read_NameThatIsFoldedIntoOthers_IsFoundInTheCalls()
    {
        await _scene.SpendAsync(2, record => record with { Caller = "ada" });
        await _scene.SpendAsync(5, record => record with { Caller = "bob" });
        await _scene.Database.WriteAsync(
            async context =>
            {
                var kept = await context.UsageSeries.Where(series => series.User == "bob").Select(series => series.Id).SingleAsync();
                await context.UsageSeries.Where(series => series.Id == kept).ExecuteUpdateAsync(set => set.SetProperty(series => series.User, UsageSeries.Other));
                await context.UsageHours.Where(hour => hour.SeriesId != kept).ExecuteDeleteAsync();
                await context.UsageDays.Where(day => day.SeriesId != kept).ExecuteDeleteAsync();
                await context.Usage.ExecuteUpdateAsync(set => set.SetProperty(row => row.SeriesId, kept));
            },
            default);

        var spend = (await new SpendReader(_scene.Database).ReadAsync(_scene.Clock.GetUtcNow().AddDays(-1), [BudgetsOf.Of(BudgetScope.User, "", "ada")], default))[0];

        Assert.Equal((2_000_000_000, 1), (spend.Nanos, spend.Calls));
    }

    [Fact]
    public async Task Read_HoursAndCallsAreForgotten_KnowsTheYearFromItsDays()
    {
        var now = _scene.Clock.GetUtcNow();
        await _scene.SpendAsync(2, record => record with { StartedAt = now.AddDays(-200) });
        await _scene.SpendAsync(3, record => record with { StartedAt = now.AddDays(-2) });
        await _scene.SpendAsync(5);
        await _scene.Usage.PruneAsync(now.AddDays(-1), default);
        await _scene.Usage.PruneHoursAsync(now.AddDays(-1), default);

        var spend = (await _scene.Spending.ReadAsync(now.AddDays(-300).AddMinutes(-30), [BudgetsOf.Of(BudgetScope.Namespace, "n", "")], default))[0];

        Assert.Equal((10_000_000_000, 3), (spend.Nanos, spend.Calls));
    }

    private static bool Counts(Budget budget, UsageRow row) => (budget.Namespace.Length == 0 || row.Namespace == budget.Namespace) && budget.Scope switch
    {
        BudgetScope.Flow => row.Flow == budget.Subject,
        BudgetScope.Team => row.Team == budget.Subject,
        BudgetScope.User => row.Caller == budget.Subject,
        BudgetScope.Token => row.Token == budget.Subject,
        _ => true,
    };
}
