namespace Portal.Features.Prices;

/// <summary>What a provider takes less from an instant on, off everything.</summary>
public sealed record PriceDiscountForm
{
    public string? Provider { get; init; }
    public DateTimeOffset? ValidFrom { get; init; }
    public decimal Percent { get; init; }
    public string? Note { get; init; }
}
