namespace Portal.Features.Prices;

/// <summary>Published list prices of the vendors, in dollars for a million tokens: input, output, cached input, cache write.</summary>
internal static class ListPrices
{
    // Google's price of cached input fell from a quarter to a tenth of the input price during 2025; the higher one is counted to the year's end.
    private static readonly DateOnly s_cheaperCache = new(2026, 1, 1);

    public static IReadOnlyList<Price> All { get; } =
    [
        new Price { Provider = "demo", Model = "*", ValidFrom = new DateOnly(2020, 1, 1), Input = 0, Output = 0, Label = "demo price" },
        new Price { Provider = "ollama", Model = "*", ValidFrom = new DateOnly(2020, 1, 1), Input = 0, Output = 0, Label = "runs locally" },
        OpenAi("gpt-4o", new DateOnly(2024, 10, 2), 2.50m, 10m, 1.25m),
        OpenAi("gpt-4o-mini", new DateOnly(2024, 7, 18), 0.15m, 0.60m, 0.075m),
        OpenAi("gpt-4.1", new DateOnly(2025, 4, 14), 2m, 8m, 0.50m),
        OpenAi("gpt-4.1-mini", new DateOnly(2025, 4, 14), 0.40m, 1.60m, 0.10m),
        OpenAi("gpt-4.1-nano", new DateOnly(2025, 4, 14), 0.10m, 0.40m, 0.025m),
        OpenAi("o3", new DateOnly(2025, 4, 16), 10m, 40m, 2.50m),
        OpenAi("o3", new DateOnly(2025, 6, 10), 2m, 8m, 0.50m),
        OpenAi("o4-mini", new DateOnly(2025, 4, 16), 1.10m, 4.40m, 0.275m),
        OpenAi("gpt-5", new DateOnly(2025, 8, 7), 1.25m, 10m, 0.125m),
        OpenAi("gpt-5-mini", new DateOnly(2025, 8, 7), 0.25m, 2m, 0.025m),
        OpenAi("gpt-5-nano", new DateOnly(2025, 8, 7), 0.05m, 0.40m, 0.005m),
        Anthropic("claude-3-5-haiku", new DateOnly(2024, 11, 4), 0.80m, 4m),
        Anthropic("claude-3-5-sonnet", new DateOnly(2024, 6, 20), 3m, 15m),
        Anthropic("claude-3-7-sonnet", new DateOnly(2025, 2, 24), 3m, 15m),
        Anthropic("claude-sonnet-4", new DateOnly(2025, 5, 14), 3m, 15m),
        Anthropic("claude-sonnet-4-5", new DateOnly(2025, 9, 29), 3m, 15m),
        Anthropic("claude-haiku-4-5", new DateOnly(2025, 10, 1), 1m, 5m),
        Anthropic("claude-opus-4", new DateOnly(2025, 5, 14), 15m, 75m),
        Anthropic("claude-opus-4-1", new DateOnly(2025, 8, 5), 15m, 75m),
        Anthropic("claude-opus-4-5", new DateOnly(2025, 11, 1), 5m, 25m),
        Azure("gpt-4o", new DateOnly(2024, 10, 2), 2.50m, 10m, 1.25m),
        Azure("gpt-4o-mini", new DateOnly(2024, 7, 18), 0.15m, 0.60m, 0.075m),
        Azure("gpt-4.1", new DateOnly(2025, 4, 14), 2m, 8m, 0.50m),
        Azure("gpt-4.1-mini", new DateOnly(2025, 4, 14), 0.40m, 1.60m, 0.10m),
        Azure("gpt-4.1-nano", new DateOnly(2025, 4, 14), 0.10m, 0.40m, 0.025m),
        Azure("o4-mini", new DateOnly(2025, 4, 16), 1.10m, 4.40m, 0.275m),
        Azure("gpt-5", new DateOnly(2025, 8, 7), 1.25m, 10m, 0.125m),
        Azure("gpt-5-mini", new DateOnly(2025, 8, 7), 0.25m, 2m, 0.025m),
        GoogleAi("gemini-2.0-flash", new DateOnly(2025, 2, 5), 0.10m, 0.40m, 0.025m),
        GoogleAi("gemini-2.0-flash-lite", new DateOnly(2025, 2, 25), 0.075m, 0.30m, cached: null),
        GoogleAi("gemini-2.5-pro", new DateOnly(2025, 6, 17), 1.25m, 10m, 0.31m),
        GoogleAi("gemini-2.5-pro", s_cheaperCache, 1.25m, 10m, 0.125m),
        GoogleAi("gemini-2.5-flash", new DateOnly(2025, 6, 17), 0.30m, 2.50m, 0.075m),
        GoogleAi("gemini-2.5-flash", s_cheaperCache, 0.30m, 2.50m, 0.03m),
        GoogleAi("gemini-2.5-flash-lite", new DateOnly(2025, 7, 22), 0.10m, 0.40m, 0.025m),
        GoogleAi("gemini-2.5-flash-lite", s_cheaperCache, 0.10m, 0.40m, 0.01m),
        GoogleAi("gemini-3-pro-preview", new DateOnly(2025, 11, 18), 2m, 12m, 0.20m),
        GoogleAi("gemini-3-flash-preview", new DateOnly(2025, 12, 17), 0.50m, 3m, 0.05m),
    ];

    private static Price OpenAi(string model, DateOnly from, decimal input, decimal output, decimal cached) =>
        new()
        {
            Provider = "openai",
            Model = model,
            ValidFrom = from,
            Input = Micros(input),
            Output = Micros(output),
            CachedInput = Micros(cached),
        };

    // Reading the cache costs a tenth of the input price, writing it (kept for five minutes) a quarter more.
    private static Price Anthropic(string model, DateOnly from, decimal input, decimal output) => new()
    {
        Provider = "anthropic",
        Model = model,
        ValidFrom = from,
        Input = Micros(input),
        Output = Micros(output),
        CachedInput = Micros(input * 0.1m),
        CacheWrite = Micros(input * 1.25m),
    };

    // Global deployments cost what OpenAI takes. A deployment has a price here only when it is named like its model.
    private static Price Azure(string model, DateOnly from, decimal input, decimal output, decimal cached) =>
        OpenAi(model, from, input, output, cached) with { Provider = "azureaifoundry" };

    // Of text, and of prompts up to 200,000 tokens: the bigger models cost more beyond.
    private static Price GoogleAi(string model, DateOnly from, decimal input, decimal output, decimal? cached) => new()
    {
        Provider = "googleai",
        Model = model,
        ValidFrom = from,
        Input = Micros(input),
        Output = Micros(output),
        CachedInput = cached is { } price ? Micros(price) : null,
    };

    private static long Micros(decimal dollars) => (long)(dollars * 1_000_000m);
}
