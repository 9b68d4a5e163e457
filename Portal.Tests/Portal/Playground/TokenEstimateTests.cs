using Portal.Features.Playground;

namespace Portal.Tests.Portal.Playground;

public class TokenEstimateTests
{
    /// <summary>Beside what a common tokenizer counts, the estimate is within a third.</summary>
    [Theory]
    [InlineData("", 0)]
    [InlineData("The quick brown fox jumps over the lazy dog.", 10)]
    [InlineData("You write clearly and briefly. Answer customers of a small shop.", 13)]
    [InlineData("Order 123456 of 2026-11-21 costs 19.90 EUR", 19)]
    [InlineData("{\"name\": \"Ada\", \"tags\": [\"a\", \"b\"]}", 17)]
    [InlineData("こんにちは世界", 6)]
    public void Of_AText_IsNearWhatATokenizerCounts(string text, int counted) =>
        Assert.InRange(TokenEstimate.Of(text), (long)Math.Floor(counted * 0.67), (long)Math.Ceiling(counted * 1.34));
}
