using System.Collections.Concurrent;
using Portal.Runner.Contract;

namespace Portal.Features.Prices;

/// <summary>All prices and discounts at one moment. Never changes; thread-safe.</summary>
public sealed class PriceList(IReadOnlyList<Price> prices, IReadOnlyList<PriceDiscount> discounts)
{
    private const int MostRemembered = 10_000;

    /// <summary>A call that costs more than a million is not believed: it is unpriced, and does not spoil every sum it would be in.</summary>
    private const decimal MostNanos = 1_000_000_000_000_000m;

    private readonly ConcurrentDictionary<(string, string), Price[]> _byModel = new();
    private readonly Dictionary<string, PriceDiscount[]> _discounts = discounts
        .GroupBy(discount => discount.Provider, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.OrderByDescending(discount => discount.ValidFrom).ToArray(), StringComparer.OrdinalIgnoreCase);

    /// <summary>What was entered, over what comes with the portal.</summary>
    public static PriceList Of(IReadOnlyList<Price> entered, IReadOnlyList<PriceDiscount> discounts) => new([.. ListPrices.All, .. entered], discounts);

    public IReadOnlyList<Price> Prices => prices;

    public IReadOnlyList<PriceDiscount> Discounts => discounts;

    /// <summary>
    /// The price in force, or null when there is none. What says more of the model's name counts; of the same name, one that was entered counts before one that
    /// comes with the portal, and then the later one.
    /// </summary>
    public Price? Find(string provider, string model, DateTimeOffset at)
    {
        foreach (var price in Covering(provider, model))
        {
            if (price.ValidFrom <= at)
            {
                return price;
            }
        }

        return null;
    }

    /// <summary>In hundredths of a percent.</summary>
    public int DiscountOf(string provider, DateTimeOffset at) => _discounts.TryGetValue(provider, out var known)
        ? Array.Find(known, discount => discount.ValidFrom <= at)?.Percent ?? 0
        : 0;

    /// <inheritdoc cref="PriceBook.Calculate(string, string, IReadOnlyList{TokenUsage}, DateTimeOffset)"/>
    public Cost? Calculate(string provider, string model, IReadOnlyList<TokenUsage> requests, DateTimeOffset at)
    {
        if (Find(provider, model, at) is not { } price)
        {
            return null;
        }

        var amount = 0m;
        foreach (var request in requests)
        {
            if (price.AmountOf(request) is not { } known)
            {
                return null;
            }

            amount += known;
        }

        amount = amount * (10_000 - DiscountOf(provider, at)) / 10_000m;
        if (amount > MostNanos)
        {
            return null;
        }

        return new Cost((long)decimal.Round(amount, MidpointRounding.AwayFromZero), price.Label) { Currency = price.Currency, PriceId = price.Id };
    }

    private Price[] Covering(string provider, string model)
    {
        if (_byModel.TryGetValue((provider, model), out var known))
        {
            return known;
        }

        if (_byModel.Count >= MostRemembered)
        {
            _byModel.Clear();
        }

        return _byModel[(provider, model)] =
        [
            .. prices
                .Where(price => price.Provider.Equals(provider, StringComparison.OrdinalIgnoreCase) && ModelPattern.Covers(price.Model, model))
                .OrderByDescending(price => ModelPattern.Weight(price.Model))
                .ThenBy(price => price.IsShipped)
                .ThenByDescending(price => price.ValidFrom)
                .ThenBy(price => price.Model, StringComparer.Ordinal),
        ];
    }
}
