using Portal.Features.Costs;

namespace Portal.Tests.Portal.Costs;

public sealed class MoneyTests
{
    [Theory]
    [InlineData(0, "$0.00")]
    [InlineData(1, "$0.000000001")]
    [InlineData(400, "$0.0000004")]
    [InlineData(18_000, "$0.000018")]
    [InlineData(4_200_000, "$0.004200")]
    [InlineData(1_250_000_000, "$1.25")]
    [InlineData(-400, "−$0.0000004")]
    public void ToString_SmallAmounts_AreNeverNothing(long nanos, string expected) => Assert.Equal(expected, new Money(nanos, "USD").ToString());
}
