using Portal.Features.Prices;
using Portal.Runner.Contract;

namespace Portal.Tests.Portal.Prices;

public class PriceBookTests
{
    private static readonly DateTimeOffset s_day = new(2025, 12, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PriceBook s_book = new();

    // 1,000,000 tokens in, of which 200,000 read from and 100,000 written to the cache, and 500,000 out.
    [Theory]
    [InlineData("anthropic", "claude-haiku-4-5-20251001", (0.7 * 1) + (0.2 * 0.1) + (0.1 * 1.25) + (0.5 * 5))]
    [InlineData("openai", "gpt-4o-mini", (0.7 * 0.15) + (0.2 * 0.075) + (0.1 * 0.15) + (0.5 * 0.60))]
    [InlineData("OpenAI", "gpt-4o-2024-08-06", (0.7 * 2.5) + (0.2 * 1.25) + (0.1 * 2.5) + (0.5 * 10))]
    [InlineData("azureaifoundry", "gpt-4o-mini", (0.8 * 0.15) + (0.2 * 0.075) + (0.5 * 0.60))]
    [InlineData("googleai", "gemini-2.5-flash", (0.8 * 0.3) + (0.2 * 0.075) + (0.5 * 2.5))]
    [InlineData("googleai", "gemini-2.0-flash-001", (0.8 * 0.1) + (0.2 * 0.025) + (0.5 * 0.4))]
    [InlineData("googleai", "gemini-2.0-flash-lite", 0.075 + (0.5 * 0.3))]
    public void Calculate_EveryClassOfTokens_IsPricedAtItsOwnRate(string provider, string model, double dollars)
    {
        var usage = new TokenUsage { InputTokens = 1_000_000, OutputTokens = 500_000, CachedInputTokens = 200_000, CacheWriteTokens = 100_000 };

        Assert.Equal((long)Math.Round(dollars * 1_000_000), s_book.Calculate(provider, model, usage, s_day)!.Micros);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-audio-preview")]
    [InlineData("openai", "gpt-4o-minimal")]
    [InlineData("openai", "my-own")]
    [InlineData("elsewhere", "gpt-4o")]
    public void Calculate_ModelWithoutPrice_IsUnpricedAndNotFree(string provider, string model)
    {
        Assert.Null(s_book.Calculate(provider, model, new TokenUsage { InputTokens = 1, OutputTokens = 1 }, s_day));
    }

    [Fact]
    public void Calculate_PriceThatChanged_IsTheOneOfTheDay()
    {
        var usage = new TokenUsage { InputTokens = 1_000_000, OutputTokens = 0 };

        Assert.Equal(10_000_000, s_book.Calculate("openai", "o3", usage, new DateTimeOffset(2025, 6, 9, 23, 59, 0, TimeSpan.Zero))!.Micros);
        Assert.Equal(2_000_000, s_book.Calculate("openai", "o3", usage, new DateTimeOffset(2025, 6, 10, 0, 0, 0, TimeSpan.Zero))!.Micros);
        Assert.Null(s_book.Calculate("openai", "o3", usage, new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("demo", "echo-stream", "demo price")]
    [InlineData("ollama", "llama3.2:3b", "runs locally")]
    public void Calculate_ModelOnesOwnMachineRuns_IsFreeAndSaysThatThisIsNoRealPrice(string provider, string model, string label)
    {
        var cost = s_book.Calculate(provider, model, new TokenUsage { InputTokens = 5, OutputTokens = 5 }, s_day)!;

        Assert.Equal((0, label, "$0.00"), (cost.Micros, cost.Label, cost.ToString()));
    }

    [Fact]
    public void Calculate_ProviderThatDidNotSayWhatWasUsed_IsUnknown()
    {
        Assert.Null(s_book.Calculate("openai", "gpt-4o", new TokenUsage(), s_day));
    }

    [Theory]
    [InlineData(1_234_567, "$1.23")]
    [InlineData(42_000, "$0.0420")]
    [InlineData(7, "$0.000007")]
    public void ToString_SmallAmounts_KeepDigitsThatMatter(long micros, string expected) => Assert.Equal(expected, Cost.OfMicros(micros).ToString());
}
