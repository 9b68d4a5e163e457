using System.Security.Cryptography;
using System.Text;

namespace Portal.Features.Prices;

/// <summary>
/// Published list prices of the vendors, in dollars for a million tokens: input, output, cached input. They are as of <see cref="AsOf"/>; what the vendors
/// changed since must be entered.
/// </summary>
internal static class ListPrices
{
    private const string OpenAiPage = "openai.com/api/pricing";
    private const string AnthropicPage = "anthropic.com/pricing";
    private const string GooglePage = "ai.google.dev/gemini-api/docs/pricing";
    private const string VertexPage = "cloud.google.com/vertex-ai/generative-ai/pricing";
    private const string BedrockPage = "aws.amazon.com/bedrock/pricing";
    private const int Half = 5_000;
    private const long Long = 200_000;

    // Google's price of cached input fell from a quarter to a tenth of the input price during 2025; the higher one is counted to the year's end.
    private static readonly DateOnly s_cheaperCache = new(2026, 1, 1);

    public static DateOnly AsOf { get; } = new(2025, 12, 31);

    public static IReadOnlyList<Price> All { get; } =
    [
        .. new[]
        {
            Free("demo", "demo price"),
            Free("ollama", "runs locally"),
        },
        .. OpenAi("openai"),
        // Global deployments cost what OpenAI takes. A deployment has a price here only when it is named like its model.
        .. OpenAi("azureaifoundry").Where(static price => price.Model is not "o3"),
        .. Claude("anthropic", static name => name, AnthropicPage),
        .. Claude("vertexai", static name => name, VertexPage),
        // With or without the region in front and the version behind: eu.anthropic.claude-sonnet-4-5-20250929-v1:0.
        .. Claude("bedrock", static name => $"*anthropic.{name}-2*", BedrockPage),
        .. Nova(),
        .. Gemini("googleai", GooglePage),
        .. Gemini("vertexai", VertexPage),
    ];

    private static IEnumerable<Price> OpenAi(string provider)
    {
        Price Of(string model, DateOnly from, decimal input, decimal output, decimal cached) =>
            New(provider, model, from, Rates(input, output, cached), OpenAiPage) with { BatchDiscount = Half };

        return
        [
            Of("gpt-4o", new DateOnly(2024, 10, 2), 2.50m, 10m, 1.25m),
            Of("gpt-4o-mini", new DateOnly(2024, 7, 18), 0.15m, 0.60m, 0.075m),
            Of("gpt-4.1", new DateOnly(2025, 4, 14), 2m, 8m, 0.50m),
            Of("gpt-4.1-mini", new DateOnly(2025, 4, 14), 0.40m, 1.60m, 0.10m),
            Of("gpt-4.1-nano", new DateOnly(2025, 4, 14), 0.10m, 0.40m, 0.025m),
            Of("o3", new DateOnly(2025, 4, 16), 10m, 40m, 2.50m),
            Of("o3", new DateOnly(2025, 6, 10), 2m, 8m, 0.50m),
            Of("o4-mini", new DateOnly(2025, 4, 16), 1.10m, 4.40m, 0.275m),
            Of("gpt-5", new DateOnly(2025, 8, 7), 1.25m, 10m, 0.125m),
            Of("gpt-5-mini", new DateOnly(2025, 8, 7), 0.25m, 2m, 0.025m),
            Of("gpt-5-nano", new DateOnly(2025, 8, 7), 0.05m, 0.40m, 0.005m),
        ];
    }

    private static IEnumerable<Price> Claude(string provider, Func<string, string> pattern, string page)
    {
        Price Of(string model, DateOnly from, decimal input, decimal output) =>
            New(provider, pattern(model), from, Cached(input, output), page) with { BatchDiscount = Half };

        // Reading the cache costs a tenth of the input price, writing it a quarter more for five minutes, and twice as much for an hour.
        static PriceRates Cached(decimal input, decimal output) => Rates(input, output, input * 0.1m) with
        {
            CacheWrite = Nanos(input * 1.25m),
            CacheWriteHour = Nanos(input * 2m),
        };

        return
        [
            Of("claude-3-5-haiku", new DateOnly(2024, 11, 4), 0.80m, 4m),
            Of("claude-3-5-sonnet", new DateOnly(2024, 6, 20), 3m, 15m),
            Of("claude-3-7-sonnet", new DateOnly(2025, 2, 24), 3m, 15m),
            Of("claude-sonnet-4", new DateOnly(2025, 5, 14), 3m, 15m) with { Tiers = [new PriceTier(Long, Cached(6m, 22.50m))] },
            Of("claude-sonnet-4-5", new DateOnly(2025, 9, 29), 3m, 15m) with { Tiers = [new PriceTier(Long, Cached(6m, 22.50m))] },
            Of("claude-haiku-4-5", new DateOnly(2025, 10, 1), 1m, 5m),
            Of("claude-opus-4", new DateOnly(2025, 5, 14), 15m, 75m),
            Of("claude-opus-4-1", new DateOnly(2025, 8, 5), 15m, 75m),
            Of("claude-opus-4-5", new DateOnly(2025, 11, 1), 5m, 25m),
        ];
    }

    private static IEnumerable<Price> Nova()
    {
        static Price Of(string model, decimal input, decimal output) =>
            New("bedrock", $"*amazon.{model}-v1*", new DateOnly(2024, 12, 3), Rates(input, output, input / 4), BedrockPage) with { BatchDiscount = Half };

        return [Of("nova-micro", 0.035m, 0.14m), Of("nova-lite", 0.06m, 0.24m), Of("nova-pro", 0.80m, 3.20m)];
    }

    private static IEnumerable<Price> Gemini(string provider, string page)
    {
        Price Of(string model, DateOnly from, PriceRates rates) => New(provider, model, from, rates, page) with { BatchDiscount = Half };
        static PriceRates Sound(PriceRates rates, decimal input, decimal cached) => rates with { InputAudio = Nanos(input), CachedAudio = Nanos(cached) };
        var (pro, flash, lite) = (new DateOnly(2025, 6, 17), new DateOnly(2025, 6, 17), new DateOnly(2025, 7, 22));
        return
        [
            Of("gemini-2.0-flash", new DateOnly(2025, 2, 5), Sound(Rates(0.10m, 0.40m, 0.025m), 0.70m, 0.175m)),
            Of("gemini-2.0-flash-lite", new DateOnly(2025, 2, 25), Rates(0.075m, 0.30m, cached: null)),
            Of("gemini-2.5-pro", pro, Rates(1.25m, 10m, 0.31m)) with { Tiers = [new PriceTier(Long, Rates(2.50m, 15m, 0.625m))] },
            Of("gemini-2.5-pro", s_cheaperCache, Rates(1.25m, 10m, 0.125m)) with { Tiers = [new PriceTier(Long, Rates(2.50m, 15m, 0.25m))] },
            Of("gemini-2.5-flash", flash, Sound(Rates(0.30m, 2.50m, 0.075m), 1m, 0.25m)),
            Of("gemini-2.5-flash", s_cheaperCache, Sound(Rates(0.30m, 2.50m, 0.03m), 1m, 0.10m)),
            Of("gemini-2.5-flash-lite", lite, Sound(Rates(0.10m, 0.40m, 0.025m), 0.30m, 0.075m)),
            Of("gemini-2.5-flash-lite", s_cheaperCache, Sound(Rates(0.10m, 0.40m, 0.01m), 0.30m, 0.03m)),
            Of("gemini-3-pro-preview", new DateOnly(2025, 11, 18), Rates(2m, 12m, 0.20m)) with { Tiers = [new PriceTier(Long, Rates(4m, 18m, 0.40m))] },
            Of("gemini-3-flash-preview", new DateOnly(2025, 12, 17), Sound(Rates(0.50m, 3m, 0.05m), 1m, 0.10m)),
        ];
    }

    private static Price Free(string provider, string label) =>
        New(provider, "*", new DateOnly(2020, 1, 1), new PriceRates { Input = 0, Output = 0 }, label) with { Label = label };

    private static Price New(string provider, string model, DateOnly from, PriceRates rates, string page) => new()
    {
        Id = -1 - (BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{provider}/{model}@{from:O}"))) & 0x7fff_ffff),
        Provider = provider,
        Model = model,
        ValidFrom = new DateTimeOffset(from, TimeOnly.MinValue, TimeSpan.Zero),
        Rates = rates,
        Note = page,
    };

    private static PriceRates Rates(decimal input, decimal output, decimal? cached) =>
        new() { Input = Nanos(input), Output = Nanos(output), CachedInput = cached is { } price ? Nanos(price) : null };

    private static long Nanos(decimal dollars) => (long)(dollars * 1_000_000_000m);
}
