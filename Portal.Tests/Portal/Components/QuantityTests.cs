using Portal.Components;

namespace Portal.Tests.Portal.Components;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0, "0 flows")]
    [InlineData(1, "1 flow")]
    [InlineData(2000, "2,000 flows")]
    public void Of_Count_HasTheNumberOfTheWord(long count, string expected) => Assert.Equal(expected, Quantity.Of(count, "flow"));

    [Theory]
    [InlineData(1, 1, "1 flow")]
    [InlineData(1, 2, "1 of 2 flows")]
    [InlineData(0, 1, "0 of 1 flow")]
    public void Of_Part_SaysOfHowMany(int shown, int all, string expected) => Assert.Equal(expected, Quantity.Of(shown, all, "flow"));

    [Fact]
    public void Of_IrregularWord_TakesItsPlural() => Assert.Equal("2 boxes", Quantity.Of(2, "box", "boxes"));
}
