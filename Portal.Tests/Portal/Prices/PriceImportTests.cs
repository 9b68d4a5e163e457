using Portal.Features.Prices;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Prices;

public class PriceImportTests
{
    private static readonly DateTimeOffset s_now = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Read_LiteLlm_MapsWhatFlowsCanUseAndTellsOfTheRest()
    {
        var import = PriceImport.Read(File.ReadAllText(Repository.Path("Portal.Tests", "Portal", "Prices", "litellm-sample.json")), s_now, s_now);

        Assert.Equal(
            ["openai/gpt-9", "googleai/gemini-9-pro", "bedrock/us.anthropic.claude-nine-20260101-v1:0", "azureaifoundry/gpt-9"],
            import.Prices.Select(price => $"{price.Provider}/{price.Model}"));
        var (gpt, gemini, claude) = (import.Prices[0], import.Prices[1], import.Prices[2]);
        Assert.Equal((1_250_000_000L, 10_000_000_000L, 125_000_000L, 5_000), (gpt.Rates.Input, gpt.Rates.Output, gpt.Rates.CachedInput!.Value, gpt.BatchDiscount));
        var tier = Assert.Single(gemini.Tiers);
        Assert.Equal((200_000L, 4_000_000_000L, 18_000_000_000L, 400_000_000L, 7_000_000_000L),
            (tier.AboveInputTokens, tier.Rates.Input, tier.Rates.Output, tier.Rates.CachedInput!.Value, tier.Rates.InputAudio!.Value));
        Assert.Equal((3_750_000_000L, 6_000_000_000L), (claude.Rates.CacheWrite!.Value, claude.Rates.CacheWriteHour!.Value));
        Assert.Equal(
            [
                "gpt-9|openai/gpt-9||False",
                "gemini/gemini-9-pro|googleai/gemini-9-pro|without search_context_cost_per_query|False",
                "us.anthropic.claude-nine-20260101-v1:0|bedrock/us.anthropic.claude-nine-20260101-v1:0||False",
                "azure/eu/gpt-9|azureaifoundry/gpt-9||False",
                "azure/gpt-9||is azureaifoundry/gpt-9 once more; the first one was taken|False",
                "text-embedding-9||mode embedding: only models that chat have a place here|False",
                "some/cloud-model||litellm_provider somecloud: flows cannot use it|False",
                "gpt-broken||perMillion.input: must be from 0 to 10000|True",
                "gpt-odd||input_cost_per_token: is no number|True",
                "gpt-half||perMillion.output: is missing; write 0 when it costs nothing|True",
            ],
            import.Lines.Select(line => $"{line.From}|{line.To}|{line.Message}|{line.IsWrong}"));
    }

    [Fact]
    public void Csv_WrittenAndRead_IsTheSame()
    {
        var prices = ListPrices.All.Where(price => price.Label is null).Select(price => price with { Id = 0, Note = "a \"list\", of\nlines" }).ToList();
        prices[0] = prices[0] with { Request = 5_000_000, Rates = prices[0].Rates with { Reasoning = 1, OutputImage = 30_000_000_000 } };

        var text = PriceCsv.Write(prices);
        var read = PriceImport.Read(text.Replace("\nlines", " lines", StringComparison.Ordinal), s_now, s_now);

        Assert.Equal(0, read.Wrong);
        Assert.Equal(text.Replace("\nlines", " lines", StringComparison.Ordinal), PriceCsv.Write(read.Prices));
        Assert.Equal(prices.Count, read.Prices.Count);
        Assert.Equal(prices[0].Rates, read.Prices[0].Rates);
    }

    [Theory]
    [InlineData("openai,m,1,2,,", null)]
    [InlineData("openai,m,x,2,,", "line 2: input: \"x\" is no number such as 2.5")]
    [InlineData("openai,m,1e99,2,,", "line 2: input: \"1e99\" is no number such as 2.5")]
    [InlineData("openai,m,-1,2,,", "line 2: perMillion.input: must be from 0 to 10000")]
    [InlineData("openai,m,,2,,", "line 2: perMillion.input: is missing; write 0 when it costs nothing")]
    [InlineData(",m,1,2,,", "line 2: provider: is missing")]
    [InlineData("openai,m,1,2,someday,", "line 2: valid_from: \"someday\" is no time such as 2026-01-01T00:00:00Z")]
    [InlineData("openai,m,1,2,2900-01-01,", "line 2: validFrom: must be from 2015 on, and not more than five years ahead")]
    [InlineData("openai,m,1,2,,200000", "line 2: tier_above_input_tokens: there is no line of the same model and time before it")]
    [InlineData("openai,m,1,2,,,7", "line 2: has 7 fields, and there are 6 columns")]
    [InlineData("openai,m,1,2,,\nopenai,m,1,2,,", "line 3: validFrom: openai/m has a price from 2026-02-01 12:00:00Z on already; change that one, or let this one begin at another time")]
    public void Read_Line_IsTakenOrItsFieldNamed(string lines, string? expected)
    {
        var import = PriceImport.Read("provider,model,input,output,valid_from,tier_above_input_tokens\n" + lines, s_now, s_now);

        Assert.Equal(expected, import.Lines.Where(line => line.IsWrong).Select(line => $"{line.From}: {line.Message}").SingleOrDefault());
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("provider,model,input\n", "line 1: the column output is missing.")]
    [InlineData("provider,colour\n", "line 1: there is no column \"colour\"")]
    [InlineData("{\"a\":", "The file is no JSON: line 1, position")]
    [InlineData("provider,model,input,output\n\"open", "line 2: a quoted field is not closed")]
    public void Read_FileOfAnotherKind_IsRefusedWithTheReason(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<FormatException>(() => PriceImport.Read(text, s_now, s_now)).Message, StringComparison.Ordinal);
}
