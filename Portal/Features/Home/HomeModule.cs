namespace Portal.Features.Home;

public static class HomeModule
{
    public static IServiceCollection AddHome(this IServiceCollection services)
    {
        services.AddSingleton<Tour>();
        services.AddHostedService<TourTracker>();
        return services;
    }
}
