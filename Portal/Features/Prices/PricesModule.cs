namespace Portal.Features.Prices;

/// <summary>What calls cost.</summary>
public static class PricesModule
{
    public static IServiceCollection AddPrices(this IServiceCollection services) => services.AddSingleton<PriceBook>(_ => new PriceBook());
}
