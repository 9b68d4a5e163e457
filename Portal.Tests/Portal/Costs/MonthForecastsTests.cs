using Portal.Features.Budgets;
using Portal.Features.Costs.Dashboard;
using Portal.Features.Costs.Queries;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Costs;

public sealed class MonthForecastsTests : IDisposable
{
    private readonly CostData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Find_SameSpendingEveryDay_GoesOnAsItWas()
    {
        // A dollar every noon from before the month on; it is the 10th, and today's is spent.
        await _data.AddAsync([.. Enumerable.Range(0, 40).Select(back =>
        {
            var call = _data.Call(CostData.Now.Date.AddHours(12).AddDays(-back));
            call.CostNanos = 1_000_000_000;
            return (call, (string?)"USD");
        })]);
        var forecasts = new MonthForecasts(_data.Reports, _data.Clock);

        var forecast = await forecasts.FindAsync(TestUsers.Administrator(), CostFilters.Empty, "USD", TimeZoneInfo.Utc, default);

        Assert.InRange(forecast.ProjectedNanos / 1e9, 30, 30.5);
        Assert.Equal(ForecastConfidence.High, forecast.Confidence);
        Assert.Equal(0, (await forecasts.FindAsync(TestUsers.Administrator(), CostFilters.Empty.With(CostDimension.Flow, "no/such"), "USD", TimeZoneInfo.Utc, default)).ProjectedNanos);
        Assert.Equal(0, (await forecasts.FindAsync(TestUsers.Administrator(), CostFilters.Empty, "EUR", TimeZoneInfo.Utc, default)).ProjectedNanos);
    }
}
