using Portal.Runner.Contract;

namespace Portal.Features.Prices;

/// <summary>What a model costs from an instant on, until the next price of the same model.</summary>
public sealed record Price
{
    /// <summary>Below zero for one that comes with the portal, and then the same in every build; 0 for one that is not stored.</summary>
    public long Id { get; init; }

    public required string Provider { get; init; }

    /// <inheritdoc cref="ModelPattern"/>
    public required string Model { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }
    public string Currency { get; init; } = Cost.Dollars;
    public required PriceRates Rates { get; init; }

    /// <summary>For each request to the model, in billionths of the currency.</summary>
    public long Request { get; init; }

    /// <summary>What batch and flex requests cost less, in hundredths of a percent.</summary>
    public int BatchDiscount { get; init; }

    /// <summary>What long requests cost instead, the shortest first.</summary>
    public IReadOnlyList<PriceTier> Tiers { get; init; } = [];

    /// <summary>Where it comes from.</summary>
    public string? Note { get; init; }

    /// <summary>Says that this is no real price; null for real ones.</summary>
    public string? Label { get; init; }

    public bool IsShipped => Id < 0;

    /// <summary>What a request costs, in billionths of the currency, exactly; null when too little is known of it.</summary>
    public decimal? AmountOf(TokenUsage request)
    {
        var rates = Tiers.LastOrDefault(tier => request.InputTokens > tier.AboveInputTokens)?.Rates ?? Rates;
        var amount = rates.AmountOf(request) + ((request.Requests ?? 1) * (decimal)Request);
        return request.ServiceTier is "batch" or "flex" ? amount * (10_000 - BatchDiscount) / 10_000m : amount;
    }
}

/// <param name="AboveInputTokens">Of a request: from one more on, all its tokens cost this.</param>
public sealed record PriceTier(long AboveInputTokens, PriceRates Rates);

/// <summary>What a provider takes less from an instant on, off everything.</summary>
/// <param name="Percent">In hundredths of a percent.</param>
public sealed record PriceDiscount(long Id, string Provider, DateTimeOffset ValidFrom, int Percent, string? Note);
