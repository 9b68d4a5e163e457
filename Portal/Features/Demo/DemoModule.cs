namespace Portal.Features.Demo;

/// <summary>Example data for a first look. Only where the portal brings its own cluster.</summary>
public static class DemoModule
{
    public static IServiceCollection AddDemo(this IServiceCollection services)
    {
        services.AddSingleton<DemoData>();
        services.AddSingleton<DemoSeeder>();
        services.AddHostedService(provider => provider.GetRequiredService<DemoSeeder>());
        return services;
    }
}
