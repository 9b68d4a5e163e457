using Portal.Runner.Contract;

namespace Portal.Features.Prices;

/// <summary>
/// Prices calls at the price of their moment: what was entered over what comes with the portal. A model without a price is unpriced, which is not the same as
/// free. Thread-safe.
/// </summary>
public sealed class PriceBook
{
    private volatile PriceList _current;

    /// <summary>With what comes with the portal.</summary>
    public PriceBook()
        : this([], [])
    {
    }

    public PriceBook(IReadOnlyList<Price> entered, IReadOnlyList<PriceDiscount> discounts) => _current = PriceList.Of(entered, discounts);

    /// <summary>Raised after prices changed, on any thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>The prices of now; what is taken from it does not change.</summary>
    public PriceList Current => _current;

    /// <inheritdoc cref="PriceList.Find"/>
    public Price? Find(string provider, string model, DateTimeOffset at) => _current.Find(provider, model, at);

    /// <summary>What a request cost, or null when the model has no price or the provider did not say what was used.</summary>
    public Cost? Calculate(string provider, string model, TokenUsage usage, DateTimeOffset at) => Calculate(provider, model, [usage], at);

    /// <summary>What a call of several requests cost: each by itself, as prices depend on how long one is. Rounded once, to a billionth.</summary>
    public Cost? Calculate(string provider, string model, IReadOnlyList<TokenUsage> requests, DateTimeOffset at) => _current.Calculate(provider, model, requests, at);

    internal void Use(PriceList prices) => _current = prices;

    internal void Tell() => Changed?.Invoke();
}
