using Portal.Runner.Contract;

namespace Portal.Features.Prices;

/// <summary>Prices calls at the price of their day. A model without a price is unpriced, which is not the same as free.</summary>
public sealed class PriceBook(IReadOnlyList<Price> prices)
{
    public PriceBook()
        : this(ListPrices.All)
    {
    }

    /// <summary>The price in force, or null when there is none.</summary>
    public Price? Find(string provider, string model, DateTimeOffset at)
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        return prices
            .Where(price => price.Provider.Equals(provider, StringComparison.OrdinalIgnoreCase) && price.Covers(model) && price.ValidFrom <= day)
            .OrderByDescending(price => price.Model.Length)
            .ThenByDescending(price => price.ValidFrom)
            .FirstOrDefault();
    }

    /// <summary>What a call cost, or null when the model has no price or the provider did not say what was used.</summary>
    public Cost? Calculate(string provider, string model, TokenUsage usage, DateTimeOffset at)
    {
        if (Find(provider, model, at) is not { } price)
        {
            return null;
        }

        if (usage.InputTokens is not { } input || usage.OutputTokens is not { } output)
        {
            // A model that is free is free however much was used.
            return price is { Input: 0, Output: 0 } ? new Cost(0, price.Label) { PriceId = price.Id } : null;
        }

        var cached = Math.Min(usage.CachedInputTokens ?? 0, input);
        var written = Math.Min(usage.CacheWriteTokens ?? 0, input - cached);
        var amount = ((decimal)(input - cached - written) * price.Input)
            + ((decimal)cached * (price.CachedInput ?? price.Input))
            + ((decimal)written * (price.CacheWrite ?? price.Input))
            + ((decimal)output * price.Output);
        return new Cost((long)decimal.Round(amount / 1_000m, MidpointRounding.AwayFromZero), price.Label) { PriceId = price.Id };
    }
}
