namespace Portal.Features.Costs;

public static class CostsModule
{
    public static IServiceCollection AddCosts(this IServiceCollection services) => services.AddSingleton<PriceBook>(_ => new PriceBook());
}
