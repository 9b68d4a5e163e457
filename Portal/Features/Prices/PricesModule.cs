using Portal.Data;

namespace Portal.Features.Prices;

/// <summary>What calls cost.</summary>
public static class PricesModule
{
    public static IServiceCollection AddPrices(this IServiceCollection services)
    {
        services.AddSingleton<PriceBook>(provider =>
        {
            var (prices, discounts) = provider.GetRequiredService<PortalDatabase>().Read(PriceStore.Read);
            return new PriceBook(prices, discounts);
        });
        services.AddSingleton<PriceStore>();
        return services;
    }

    public static void MapPricesApi(this IEndpointRouteBuilder app) => PricesApi.Map(app);
}
