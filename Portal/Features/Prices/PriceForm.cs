namespace Portal.Features.Prices;

/// <summary>A price as people and programs write it: money in units of the currency, tokens by the million.</summary>
public sealed record PriceForm
{
    public string? Provider { get; init; }

    /// <inheritdoc cref="ModelPattern"/>
    public string? Model { get; init; }

    /// <summary>To the second.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Three letters, such as <c>USD</c>.</summary>
    public string Currency { get; init; } = Cost.Dollars;

    public RatesForm? PerMillion { get; init; }

    /// <summary>For each request to the model.</summary>
    public decimal PerRequest { get; init; }

    /// <summary>What batch and flex requests cost less.</summary>
    public decimal BatchDiscountPercent { get; init; }

    /// <summary>What long requests cost.</summary>
    public IReadOnlyList<TierForm> Tiers { get; init; } = [];

    /// <summary>Where the price comes from.</summary>
    public string? Note { get; init; }

    public static PriceForm Of(Price price) => new()
    {
        Provider = price.Provider,
        Model = price.Model,
        ValidFrom = price.ValidFrom,
        Currency = price.Currency,
        PerMillion = RatesForm.Of(price.Rates),
        PerRequest = Amounts.Units(price.Request),
        BatchDiscountPercent = price.BatchDiscount / 100m,
        Tiers = [.. price.Tiers.Select(tier => new TierForm { AboveInputTokens = tier.AboveInputTokens, PerMillion = RatesForm.Of(tier.Rates) })],
        Note = price.Note,
    };
}

/// <summary>Money for a million tokens of each class; one that is null costs what the class it is part of costs.</summary>
public sealed record RatesForm
{
    public decimal? Input { get; init; }
    public decimal? Output { get; init; }
    public decimal? CachedInput { get; init; }
    public decimal? CacheWrite { get; init; }
    public decimal? CacheWriteHour { get; init; }
    public decimal? Reasoning { get; init; }
    public decimal? InputAudio { get; init; }
    public decimal? OutputAudio { get; init; }
    public decimal? CachedAudio { get; init; }
    public decimal? InputImage { get; init; }
    public decimal? OutputImage { get; init; }

    /// <summary>Each by the name it has in JSON.</summary>
    internal IReadOnlyList<(string Name, decimal? Amount)> All =>
    [
        ("input", Input), ("output", Output), ("cachedInput", CachedInput), ("cacheWrite", CacheWrite), ("cacheWriteHour", CacheWriteHour),
        ("reasoning", Reasoning), ("inputAudio", InputAudio), ("outputAudio", OutputAudio), ("cachedAudio", CachedAudio), ("inputImage", InputImage),
        ("outputImage", OutputImage),
    ];

    public static RatesForm Of(PriceRates rates) => new()
    {
        Input = Amounts.Units(rates.Input),
        Output = Amounts.Units(rates.Output),
        CachedInput = Amounts.Units(rates.CachedInput),
        CacheWrite = Amounts.Units(rates.CacheWrite),
        CacheWriteHour = Amounts.Units(rates.CacheWriteHour),
        Reasoning = Amounts.Units(rates.Reasoning),
        InputAudio = Amounts.Units(rates.InputAudio),
        OutputAudio = Amounts.Units(rates.OutputAudio),
        CachedAudio = Amounts.Units(rates.CachedAudio),
        InputImage = Amounts.Units(rates.InputImage),
        OutputImage = Amounts.Units(rates.OutputImage),
    };

    /// <summary>Of a form that was checked.</summary>
    internal PriceRates ToRates() => new()
    {
        Input = Amounts.Nanos(Input!.Value),
        Output = Amounts.Nanos(Output!.Value),
        CachedInput = Amounts.Nanos(CachedInput),
        CacheWrite = Amounts.Nanos(CacheWrite),
        CacheWriteHour = Amounts.Nanos(CacheWriteHour),
        Reasoning = Amounts.Nanos(Reasoning),
        InputAudio = Amounts.Nanos(InputAudio),
        OutputAudio = Amounts.Nanos(OutputAudio),
        CachedAudio = Amounts.Nanos(CachedAudio),
        InputImage = Amounts.Nanos(InputImage),
        OutputImage = Amounts.Nanos(OutputImage),
    };
}

public sealed record TierForm
{
    /// <summary>Of one request: from one more on, all its tokens cost this.</summary>
    public long AboveInputTokens { get; init; }

    public RatesForm? PerMillion { get; init; }
}

/// <param name="Field">The field that is wrong, such as <c>perMillion.input</c>.</param>
/// <param name="Message">What is wrong with it, and what to do.</param>
public sealed record FieldProblem(string Field, string Message);

/// <summary>Units of a currency and billionths of them.</summary>
internal static class Amounts
{
    public static decimal Units(long nanos) => nanos / 1_000_000_000m;

    public static decimal? Units(long? nanos) => nanos is { } known ? Units(known) : null;

    public static long Nanos(decimal units) => (long)decimal.Round(units * 1_000_000_000m, MidpointRounding.AwayFromZero);

    public static long? Nanos(decimal? units) => units is { } known ? Nanos(known) : null;
}
