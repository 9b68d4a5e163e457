using Portal.Features.Health.Overview;

namespace Portal.Tests.Portal.Health.Overview;

public class FlowFigureTests
{
    [Fact]
    public void Percentile_Calls_FallsWithinTheirBucket()
    {
        // 50 calls up to 10 ms, 50 from 250 to 500 ms.
        var figure = new FlowFigure(100, 0, 0) { Latencies = [50, 0, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0] };

        Assert.Equal(10, figure.Percentile(0.5));
        Assert.Equal(250 + (250 * 45 / 50.0), figure.Percentile(0.95));
    }

    [Fact]
    public void Percentile_WithoutCalls_IsUnknown() => Assert.Null(FlowFigure.None.Percentile(0.95));

    [Fact]
    public void Percentile_BeyondTheLastBound_IsThatBound() =>
        Assert.Equal("> 60 s", FlowFigure.Duration(new FlowFigure(1, 0, 0) { Latencies = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }.Percentile(0.5)));

    [Fact]
    public void Sum_OfTwo_KeepsCurrenciesApart()
    {
        var sum = Figure("USD", 1_500_000_000) + Figure("EUR", 2_000_000_000) + Figure("USD", 1_000_000_000) + FlowFigure.None;

        Assert.Equal(("EUR 2.00 + $2.50", 3L, 3L), (sum.CostText(), sum.Calls, sum.Latencies[0]));
    }

    [Theory]
    [InlineData(0, 0, "–")]
    [InlineData(3, 3, "unpriced")]
    [InlineData(3, 0, "$0.00")]
    public void CostText_WithoutMoney_NeverPretends(long calls, long unpriced, string expected) => Assert.Equal(expected, new FlowFigure(calls, 0, unpriced).CostText());

    private static FlowFigure Figure(string currency, long nanos) => new(1, 0, 0) { CostNanos = new Dictionary<string, long> { [currency] = nanos }, Latencies = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] };
}
