using Portal.Data;

namespace Portal.Features.Prices;

/// <summary>Prices as they are stored.</summary>
internal static class PriceRows
{
    public static PriceRow RowOf(Price price, string by, DateTime now) => new()
    {
        Provider = price.Provider,
        Model = price.Model,
        ValidFrom = price.ValidFrom.UtcDateTime,
        Currency = price.Currency,
        Input = price.Rates.Input,
        Output = price.Rates.Output,
        CachedInput = price.Rates.CachedInput,
        CacheWrite = price.Rates.CacheWrite,
        CacheWriteHour = price.Rates.CacheWriteHour,
        Reasoning = price.Rates.Reasoning,
        InputAudio = price.Rates.InputAudio,
        OutputAudio = price.Rates.OutputAudio,
        CachedAudio = price.Rates.CachedAudio,
        InputImage = price.Rates.InputImage,
        OutputImage = price.Rates.OutputImage,
        Request = price.Request == 0 ? null : price.Request,
        BatchDiscount = price.BatchDiscount,
        Tiers = price.Tiers.Count == 0 ? null : JsonSerializer.Serialize(price.Tiers),
        Note = price.Note,
        CreatedAt = now,
        CreatedBy = by,
    };

    public static Price PriceOf(PriceRow row) => new()
    {
        Id = row.Id,
        Provider = row.Provider,
        Model = row.Model,
        ValidFrom = row.ValidFrom,
        Currency = row.Currency,
        Rates = new PriceRates
        {
            Input = row.Input,
            Output = row.Output,
            CachedInput = row.CachedInput,
            CacheWrite = row.CacheWrite,
            CacheWriteHour = row.CacheWriteHour,
            Reasoning = row.Reasoning,
            InputAudio = row.InputAudio,
            OutputAudio = row.OutputAudio,
            CachedAudio = row.CachedAudio,
            InputImage = row.InputImage,
            OutputImage = row.OutputImage,
        },
        Request = row.Request ?? 0,
        BatchDiscount = row.BatchDiscount,
        Tiers = row.Tiers is null ? [] : JsonSerializer.Deserialize<List<PriceTier>>(row.Tiers)!,
        Note = row.Note,
    };

    public static PriceDiscount DiscountOf(PriceDiscountRow row) => new(row.Id, row.Provider, row.ValidFrom, row.Discount, row.Note);
}
